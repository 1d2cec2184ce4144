import * as Args from '@oclif/core/args';
import * as Flags from '@oclif/core/flags';
import { EXIT } from '../../../lib/exit-codes.ts';
import type { ExitCode } from '../../../lib/exit-codes.ts';
import { whoAmI } from '../../declare/project-files.ts';
import { unwrap, usageError } from '../../session/failures.ts';
import { renderJson } from '../../views/json.ts';
import { BaseCommand } from '../base/base-command.ts';
import { outputFlag } from '../base/output-format.ts';

/** `unfreeze`: changes are taken again. */
export default class Unfreeze extends BaseCommand {
  static override summary = 'Take changes of frozen projects again.';
  static override examples = ['<%= config.bin %> unfreeze shop', '<%= config.bin %> unfreeze --all'];
  static override strict = false;
  static override args = {
    project: Args.string({ description: 'Names of projects.', ignoreStdin: true }),
  };
  static override flags = {
    all: Flags.boolean({ description: 'Whatever is frozen.' }),
    output: outputFlag(['table', 'json']),
  };

  async run(): Promise<ExitCode> {
    const { flags, args } = await this.parseLine(Unfreeze);
    if ((args.length === 0) === !flags.all)
      throw usageError('name projects, or --all', 'stateward freeze lists what is frozen');
    const lifted = unwrap(await this.connect().thaw({ projects: flags.all ? null : args, by: whoAmI() }));
    if (flags.output === 'json') this.print(renderJson(lifted));
    else
      for (const { project } of lifted.items) this.print(`${project ?? 'everything'}  not frozen any more\n`);
    return EXIT.OK;
  }
}
