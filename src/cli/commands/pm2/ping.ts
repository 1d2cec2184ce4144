import { EXIT } from '../../../lib/exit-codes.ts';
import type { ExitCode } from '../../../lib/exit-codes.ts';
import { BaseCommand } from '../base/base-command.ts';
import { unwrap } from '../../session/failures.ts';

/** `ping`: whether the daemon answers. PM2's starts one where there is none. */
export default class Ping extends BaseCommand {
  static override changesNothing = true;
  static override summary = 'Say whether the daemon answers (exit 69 when it does not); starts none.';
  static override hidden = true;

  async run(): Promise<ExitCode> {
    await this.parseLine(Ping);
    unwrap(await this.connect().status());
    this.print('pong\n');
    return EXIT.OK;
  }
}
