import type { ExitCode } from '../../../lib/exit-codes.ts';
import { BaseCommand } from '../base/base-command.ts';
import DaemonUpgrade from '../daemon/upgrade.ts';

/** `update`: PM2's word for bringing the daemon to the installed version; PM2's ends every app for it. */
export default class Update extends BaseCommand {
  static override aliases = ['updatePM2'];
  static override summary = 'Bring the running daemon to the installed version, as daemon upgrade does.';
  static override hidden = true;
  static override flags = DaemonUpgrade.flags;

  async run(): Promise<ExitCode> {
    return new DaemonUpgrade(this.argv, this.config, this.context).run();
  }
}
