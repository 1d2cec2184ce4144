import * as Args from '@oclif/core/args';
import * as Flags from '@oclif/core/flags';
import { EXIT } from '../../../lib/exit-codes.ts';
import type { ExitCode } from '../../../lib/exit-codes.ts';
import { didYouMean } from '../../../lib/nearest.ts';
import { ALLOWABLE, type Allowable } from '../../../api/contract/wire/guards/freezes.ts';
import { whoAmI } from '../../declare/project-files.ts';
import { unwrap, usageError } from '../../session/failures.ts';
import { renderFreezes } from '../../views/guards/freezes.ts';
import { renderJson } from '../../views/json.ts';
import { BaseCommand } from '../base/base-command.ts';
import { optionalDurationFlag } from '../base/flags.ts';
import { outputFlag } from '../base/output-format.ts';

/** `freeze`: for a while, nothing of a project is to be changed. */
export default class Freeze extends BaseCommand {
  static override summary = 'Refuse changes of projects for a while; without a project, list what is frozen.';
  static override description = `Whatever would change something of a frozen project ends with 6 and says why, until the freeze is lifted or its time is up. What is running goes on as declared: ends are restarted, schedules come due.

--allow takes ${ALLOWABLE.join(', ')}.`;
  static override examples = [
    '<%= config.bin %> freeze shop --for 2h --reason "the launch is on"',
    '<%= config.bin %> freeze --all --allow restart,rollback',
    '<%= config.bin %> freeze',
  ];
  static override strict = false;
  static override args = {
    project: Args.string({ description: 'Names of projects.', ignoreStdin: true }),
  };
  static override flags = {
    all: Flags.boolean({ description: 'Every project of the home, also those that come.' }),
    for: optionalDurationFlag('How long; without it, until it is lifted.'),
    reason: Flags.string({ description: 'Why, for those who are refused.', helpValue: 'TEXT', default: '' }),
    allow: Flags.string({
      multiple: true,
      multipleNonGreedy: true,
      delimiter: ',',
      description: 'What may be done all the same (VERB,VERB or repeated).',
      helpValue: 'VERB',
    }),
    output: outputFlag(['table', 'json']),
  };

  async run(): Promise<ExitCode> {
    const { flags, args } = await this.parseLine(Freeze);
    const json = flags.output === 'json';
    if (args.length === 0 && !flags.all) {
      if (flags.for !== undefined || flags.reason !== '' || flags.allow !== undefined)
        throw usageError('name a project, or --all', 'stateward freeze shop --for 2h --reason "…"');
      const list = unwrap(await this.connectQuietly().freezes());
      this.print(json ? renderJson(list) : renderFreezes(list.items, this.context.clock.now()));
      if (list.items.length === 0 && !json) this.note('nothing is frozen');
      return EXIT.OK;
    }
    if (args.length > 0 && flags.all) throw usageError('--all means every project', 'leave the names out');
    const made = unwrap(
      await this.connect().freeze({
        projects: flags.all ? null : args,
        reason: flags.reason,
        forMs: flags.for ?? null,
        allow: (flags.allow ?? []).map(allowed),
        by: whoAmI(),
      }),
    );
    this.print(json ? renderJson(made) : renderFreezes(made.items, this.context.clock.now()));
    return EXIT.OK;
  }
}

function allowed(word: string): Allowable {
  const found = ALLOWABLE.find((verb) => verb === word);
  if (found !== undefined) return found;
  throw usageError(
    `--allow: there is no ${JSON.stringify(word)}`,
    didYouMean(word, ALLOWABLE) ?? `it takes ${ALLOWABLE.join(', ')}`,
  );
}
