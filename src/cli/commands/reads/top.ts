import * as Args from '@oclif/core/args';
import * as Flags from '@oclif/core/flags';
import { EXIT } from '../../../lib/exit-codes.ts';
import type { ExitCode } from '../../../lib/exit-codes.ts';
import { selectionFlags } from '../base/flags.ts';
import { BaseCommand } from '../base/base-command.ts';
import { outputFlag } from '../base/output-format.ts';
import { unwrap } from '../../session/failures.ts';
import { renderJson } from '../../views/json.ts';
import { processesOf, renderTop, TOP_KEYS } from '../../views/apps/top.ts';

/** `top`: which processes use the most. */
export default class Top extends BaseCommand {
  static override changesNothing = true;
  static override endsWithReader = true;
  static override summary = 'Show what each process uses, the most first.';
  static override description = `A line for each process with all that it has started, and their sum. CPU is in percent of one processor.`;
  static override examples = ['<%= config.bin %> top', '<%= config.bin %> top shop/api --sort memory'];
  static override strict = false;
  static override args = {
    app: Args.string({ description: 'Selectors of apps; default: all.', ignoreStdin: true }),
  };
  static override flags = {
    ...selectionFlags,
    sort: Flags.option({
      options: TOP_KEYS,
      default: 'cpu' as const,
      description: 'What the most is of.',
      helpValue: TOP_KEYS.join('|'),
    })(),
    'no-headers': Flags.boolean({ description: 'Leave the header line and the sum out.' }),
    output: outputFlag(['table', 'json']),
  };

  async run(): Promise<ExitCode> {
    const { flags, args } = await this.parseLine(Top);
    const api = this.connect();
    const selectors = await this.selectorsNamed(args, api);
    const { items } = unwrap(await api.apps({ selectors, spec: 'none', detail: 'brief' }));
    const processes = processesOf(items, flags.sort);
    if (flags.output === 'json') {
      this.print(renderJson({ apiVersion: 'v1', kind: 'ProcessList', items: processes }));
      return EXIT.OK;
    }
    const options = { style: this.outStyle, nowMs: this.context.clock.now(), noHeaders: flags['no-headers'] };
    this.print(renderTop(processes, options));
    if (processes.length === 0) this.note('no processes');
    return EXIT.OK;
  }
}
