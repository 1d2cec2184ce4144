import * as Args from '@oclif/core/args';
import { EXIT } from '../../../lib/exit-codes.ts';
import type { ExitCode } from '../../../lib/exit-codes.ts';
import { BaseCommand } from '../base/base-command.ts';
import { unwrap } from '../../session/failures.ts';

/** `pid`: of the processes of apps, for scripts. */
export default class Pid extends BaseCommand {
  static override changesNothing = true;
  static override summary = 'Print the pids of apps, one a line.';
  static override examples = ['<%= config.bin %> pid shop/api', 'kill -USR2 $(<%= config.bin %> pid api:0)'];
  static override strict = false;
  static override args = {
    app: Args.string({ description: 'Selectors of apps; default: all.', ignoreStdin: true }),
  };

  async run(): Promise<ExitCode> {
    const { args } = await this.parseLine(Pid);
    const api = this.connect();
    const selectors = await this.selectorsNamed(args, api);
    const { items } = unwrap(await api.apps({ selectors, spec: 'none', detail: 'brief' }));
    const slots = slotsNamed(args);
    const pids = items.flatMap(({ status }) =>
      status.instances.flatMap(({ pid, slot }) =>
        pid === null || (slots !== null && !slots.includes(slot)) ? [] : [pid],
      ),
    );
    this.print(pids.map((pid) => `${pid}\n`).join(''));
    if (pids.length === 0) this.note('no processes');
    return pids.length === 0 && args.length > 0 ? EXIT.FAILED : EXIT.OK;
  }
}

/** The slots of `name:slot`, where each word has one; null: whole apps are meant. */
function slotsNamed(words: readonly string[]): readonly number[] | null {
  const slots = words.map((word) => /:(\d+)$/.exec(word)?.[1]);
  return words.length === 0 || slots.includes(undefined) ? null : slots.map(Number);
}
