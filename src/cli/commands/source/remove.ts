import * as Args from '@oclif/core/args';
import { EXIT } from '../../../lib/exit-codes.ts';
import type { ExitCode } from '../../../lib/exit-codes.ts';
import { BaseCommand } from '../base/base-command.ts';
import { outputFlag } from '../base/output-format.ts';
import { unwrap } from '../../session/failures.ts';
import { sourceNamed } from '../../sources/named.ts';
import { renderJson } from '../../views/json.ts';
import { whoAmI } from '../../declare/project-files.ts';

/** `source remove`. */
export default class SourceRemove extends BaseCommand {
  static override summary = 'Remove a source; what it has declared runs on.';
  static override description = 'stateward delete PROJECT ends what it has declared.';
  static override examples = ['<%= config.bin %> source remove shop'];
  static override args = {
    source: Args.string({ description: 'Name of the source.', required: true, ignoreStdin: true }),
  };
  static override flags = { output: outputFlag(['table', 'json']) };

  async run(): Promise<ExitCode> {
    const { flags, args } = await this.parseLine(SourceRemove);
    const name = sourceNamed(args, 'remove');
    const request = { verb: 'remove', name, by: whoAmI(), reason: null, version: null } as const;
    const info = unwrap(await this.connect().actOnSource(request));
    this.print(flags.output === 'json' ? renderJson(info) : `${name}  removed\n`);
    return EXIT.OK;
  }
}
