import type { ExitCode } from '../../../lib/exit-codes.ts';
import { BaseCommand } from '../base/base-command.ts';
import DaemonStop from '../daemon/stop.ts';

/** `kill`: PM2's word for ending everything. */
export default class Kill extends BaseCommand {
  static override summary = 'Stop the daemon and every app, as daemon stop --all does.';
  static override hidden = true;
  static override flags = DaemonStop.flags;

  async run(): Promise<ExitCode> {
    const words = this.argv.includes('--all') ? this.argv : [...this.argv, '--all'];
    return new DaemonStop(words, this.config, this.context).run();
  }
}
