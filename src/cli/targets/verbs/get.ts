import * as Args from '@oclif/core/args';
import * as Flags from '@oclif/core/flags';
import { EXIT, type ExitCode } from '../../../lib/exit-codes.ts';
import { outputFlag } from '../../commands/base/output-format.ts';
import { unwrap } from '../../session/failures.ts';
import { renderAppNames, renderApps } from '../../views/apps/app-table.ts';
import { renderJson } from '../../views/json.ts';
import { terminalWidth } from '../../views/text/terminal.ts';
import { TargetCommand, targetFileFlags } from '../target-command.ts';
import { appsNamed } from '../apps-named.ts';

/** `get --target`: what runs there, and whether it is as the file says. */
export default class TargetGet extends TargetCommand {
  static override changesNothing = true;
  static override summary = 'List apps of the cluster with their state.';
  static override description =
    'SYNC compares them with the file: the server is asked what applying it would change. CPU and memory are not known here.';
  static override examples = [
    '<%= config.bin %> get --target kubernetes',
    '<%= config.bin %> get api --target kubernetes -o json',
  ];
  static override strict = false;
  static override args = {
    app: Args.string({ description: 'Names of apps; default: all.', ignoreStdin: true }),
  };
  static override flags = {
    ...targetFileFlags,
    'no-headers': Flags.boolean({ description: 'Leave the header line out.' }),
    output: outputFlag(['table', 'wide', 'json', 'name']),
  };

  protected override readonly images = 'wanted';

  async run(): Promise<ExitCode> {
    const { flags, args } = await this.parseLine(TargetGet);
    return this.withTarget(flags, 'not', async (target, documents) => {
      const all = unwrap(await target.status());
      const list = { ...all, items: appsNamed(all.items, this.appNames(args, documents)) };
      if (flags.output === 'json') this.print(renderJson(list));
      else if (flags.output === 'name') this.print(renderAppNames(list));
      else {
        this.print(
          renderApps(list, {
            style: this.outStyle,
            nowMs: this.context.clock.now(),
            noHeaders: flags['no-headers'],
            wide: flags.output === 'wide',
            columns: terminalWidth(this.context.streams.stdout),
          }),
        );
        if (list.items.length === 0) this.note('no apps');
      }
      return EXIT.OK;
    });
  }
}
