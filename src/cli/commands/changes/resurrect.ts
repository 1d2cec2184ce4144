import { EXIT, type ExitCode } from '../../../lib/exit-codes.ts';
import { unwrap } from '../../session/failures.ts';
import { BaseCommand } from '../base/base-command.ts';

/** `resurrect`: for scripts and fingers that know PM2. What it means here is that the daemon runs. */
export default class Resurrect extends BaseCommand {
  static override hidden = true;
  static override summary = 'Not needed: whatever starts the daemon brings back what was applied.';

  async run(): Promise<ExitCode> {
    await this.parseLine(Resurrect);
    unwrap(await this.connectOrStart().status());
    this.print(
      'nothing to resurrect: the daemon runs, and with it every app that was applied and not stopped\n',
    );
    return EXIT.OK;
  }
}
