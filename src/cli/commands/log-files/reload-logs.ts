import { EXIT } from '../../../lib/exit-codes.ts';
import type { ExitCode } from '../../../lib/exit-codes.ts';
import { whoAmI } from '../../declare/project-files.ts';
import { BaseCommand } from '../base/base-command.ts';
import { unwrap } from '../../session/failures.ts';

/** `reload-logs`: for the `postrotate` of another program. */
export default class ReloadLogs extends BaseCommand {
  static override aliases = ['reloadLogs'];
  static override summary = 'Reopen every log file, after another program has renamed it.';
  static override description =
    'Only needed at once after logrotate: a file that was renamed is noticed within a second of the next line anyway. No app is touched.';
  static override examples = ['<%= config.bin %> reload-logs'];

  async run(): Promise<ExitCode> {
    await this.parseLine(ReloadLogs);
    unwrap(await this.connect().reopenLogs({ by: whoAmI() }));
    this.print('log files are reopened\n');
    return EXIT.OK;
  }
}
