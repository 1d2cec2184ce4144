import { inspect } from 'node:util';
import { EXIT } from '../../../lib/exit-codes.ts';
import type { ExitCode } from '../../../lib/exit-codes.ts';
import { BaseCommand } from '../base/base-command.ts';
import { unwrap } from '../../session/failures.ts';
import { pm2List } from '../../views/apps/pm2-list.ts';

/** `prettylist`: what `jlist` prints, for people. */
export default class Prettylist extends BaseCommand {
  static override changesNothing = true;
  static override summary = 'Print what jlist prints, for people.';
  static override hidden = true;

  async run(): Promise<ExitCode> {
    await this.parseLine(Prettylist);
    const { items } = unwrap(await this.connect().apps({ selectors: [], spec: 'redacted' }));
    this.print(`${inspect(pm2List(items), { depth: null, colors: this.outStyle.enabled })}\n`);
    return EXIT.OK;
  }
}
