import * as Args from '@oclif/core/args';
import { EXIT } from '../../../lib/exit-codes.ts';
import type { ExitCode } from '../../../lib/exit-codes.ts';
import { BaseCommand } from '../base/base-command.ts';
import { outputFlag } from '../base/output-format.ts';
import { unwrap } from '../../session/failures.ts';
import { sourceNamed } from '../../sources/named.ts';
import { renderJson } from '../../views/json.ts';
import { whoAmI } from '../../declare/project-files.ts';

/** `source resume`. */
export default class SourceResume extends BaseCommand {
  static override summary = 'Look at a suspended source again.';
  static override examples = ['<%= config.bin %> source resume shop'];
  static override args = {
    source: Args.string({ description: 'Name of the source.', required: true, ignoreStdin: true }),
  };
  static override flags = { output: outputFlag(['table', 'json']) };

  async run(): Promise<ExitCode> {
    const { flags, args } = await this.parseLine(SourceResume);
    const name = sourceNamed(args, 'resume');
    const request = { verb: 'resume', name, by: whoAmI(), reason: null, version: null } as const;
    const info = unwrap(await this.connect().actOnSource(request));
    this.print(flags.output === 'json' ? renderJson(info) : `${name}  resumed\n`);
    return EXIT.OK;
  }
}
