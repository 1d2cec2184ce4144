import * as Args from '@oclif/core/args';
import { EXIT } from '../../../lib/exit-codes.ts';
import type { ExitCode } from '../../../lib/exit-codes.ts';
import { BaseCommand } from '../base/base-command.ts';
import { outputFlag } from '../base/output-format.ts';
import { unwrap } from '../../session/failures.ts';
import { sourceNamed } from '../../sources/named.ts';
import { renderJson } from '../../views/json.ts';
import { renderSource } from '../../views/sources/describe.ts';
import { renderYaml } from '../../views/yaml.ts';

/** `source describe`. */
export default class SourceDescribe extends BaseCommand {
  static override changesNothing = true;
  static override summary = 'Show everything about a source: its stages, what is applied, what is bad.';
  static override examples = ['<%= config.bin %> source describe shop'];
  static override args = {
    source: Args.string({ description: 'Name of the source.', required: true, ignoreStdin: true }),
  };
  static override flags = { output: outputFlag(['table', 'json', 'yaml']) };

  async run(): Promise<ExitCode> {
    const { flags, args } = await this.parseLine(SourceDescribe);
    const info = unwrap(await this.connect().source({ name: sourceNamed(args, 'describe') }));
    const shown = info;
    if (flags.output === 'json') this.print(renderJson(shown));
    else if (flags.output === 'yaml') this.print(await renderYaml(shown));
    else this.print(renderSource(info, { style: this.outStyle, nowMs: this.context.clock.now() }));
    return EXIT.OK;
  }
}
