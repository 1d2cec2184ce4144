import * as Args from '@oclif/core/args';
import * as Flags from '@oclif/core/flags';
import { EXIT } from '../../../lib/exit-codes.ts';
import type { ExitCode } from '../../../lib/exit-codes.ts';
import { BaseCommand } from '../base/base-command.ts';
import { outputFlag } from '../base/output-format.ts';
import { unwrap } from '../../session/failures.ts';
import { sourceNamed } from '../../sources/named.ts';
import { renderJson } from '../../views/json.ts';
import { whoAmI } from '../../declare/project-files.ts';

/** `source suspend`. */
export default class SourceSuspend extends BaseCommand {
  static override summary = 'Stop looking at a source; what it has declared runs on.';
  static override examples = ['<%= config.bin %> source suspend shop'];
  static override args = {
    source: Args.string({ description: 'Name of the source.', required: true, ignoreStdin: true }),
  };
  static override flags = {
    reason: Flags.string({ description: 'Why, for those who look at it.', helpValue: 'TEXT' }),
    output: outputFlag(['table', 'json']),
  };

  async run(): Promise<ExitCode> {
    const { flags, args } = await this.parseLine(SourceSuspend);
    const name = sourceNamed(args, 'suspend');
    const request = {
      verb: 'suspend',
      name,
      by: whoAmI(),
      reason: flags.reason ?? null,
      version: null,
    } as const;
    const info = unwrap(await this.connect().actOnSource(request));
    this.print(flags.output === 'json' ? renderJson(info) : `${name}  suspended\n`);
    return EXIT.OK;
  }
}
