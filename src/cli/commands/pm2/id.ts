import * as Args from '@oclif/core/args';
import { EXIT } from '../../../lib/exit-codes.ts';
import type { ExitCode } from '../../../lib/exit-codes.ts';
import { selectionFlags } from '../base/flags.ts';
import { BaseCommand } from '../base/base-command.ts';
import { unwrap, usageError } from '../../session/failures.ts';

/** `id`: the numeric ids of an app, as PM2 prints them. */
export default class Id extends BaseCommand {
  static override changesNothing = true;
  static override summary = 'Print the numeric ids of an app.';
  static override hidden = true;
  static override strict = false;
  static override args = { app: Args.string({ description: 'Selectors of apps.', ignoreStdin: true }) };
  static override flags = selectionFlags;

  async run(): Promise<ExitCode> {
    const { args } = await this.parseLine(Id);
    if (args.length === 0) throw usageError('name an app', 'stateward get lists them with their ids');
    const api = this.connect();
    const selectors = await this.selectorsNamed(args, api);
    const { items } = unwrap(await api.apps({ selectors, spec: 'none', detail: 'brief' }));
    const ids = new Set(items.flatMap(({ status }) => status.instances.map(({ id }) => id)));
    this.print(`[ ${[...ids].join(', ')} ]\n`);
    return EXIT.OK;
  }
}
