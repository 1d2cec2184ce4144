import * as Args from '@oclif/core/args';
import { isFilter } from '../../../api/contract/selector-filters.ts';
import { EXIT } from '../../../lib/exit-codes.ts';
import type { ExitCode } from '../../../lib/exit-codes.ts';
import { selectionFlags } from '../base/flags.ts';
import { BaseCommand } from '../base/base-command.ts';
import { isMeant } from '../base/instance-meant.ts';
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
  static override flags = selectionFlags;

  async run(): Promise<ExitCode> {
    const { args } = await this.parseLine(Pid);
    const api = this.connect();
    const words = args.filter((word) => !isFilter(word));
    const selectors = await this.selectorsNamed(args, api);
    const { items } = unwrap(await api.apps({ selectors, spec: 'none', detail: 'brief' }));
    const pids = items.flatMap(({ project, name, status }) =>
      status.instances.flatMap((instance) =>
        instance.pid !== null && isMeant(words, [name, `${project}/${name}`], instance) ? [instance.pid] : [],
      ),
    );
    this.print(pids.map((pid) => `${pid}\n`).join(''));
    if (pids.length === 0) this.note('no processes');
    return pids.length === 0 && args.length > 0 ? EXIT.FAILED : EXIT.OK;
  }
}
