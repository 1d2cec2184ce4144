import type { DaemonStatus } from '../../../api/contract/wire.ts';
import { EXIT } from '../../../lib/exit-codes.ts';
import type { ExitCode } from '../../../lib/exit-codes.ts';
import { FailureError } from '../../../lib/failure.ts';
import { BaseCommand } from '../base/base-command.ts';
import { openApi } from '../../session/connect.ts';
import { homeLayout } from '../../../home/layout.ts';
import { outputFlag } from '../base/output-format.ts';
import { renderDaemonStatus } from '../../views/daemon-status.ts';
import { renderJson } from '../../views/json.ts';

/** `daemon status`: exit 69 when it does not run, in the same shape. */
export default class DaemonStatusCommand extends BaseCommand {
  static override summary = 'Show whether the daemon runs (exit 69 when it does not).';
  static override flags = { output: outputFlag(['table', 'json']) };

  async run(): Promise<ExitCode> {
    const { flags } = await this.parseLine(DaemonStatusCommand);
    const answer = await openApi(this.home).status();
    if (!answer.ok && answer.error.code !== 'DAEMON_UNREACHABLE') throw new FailureError(answer.error);
    const socket = homeLayout(this.home).apiSocket;
    const absent: DaemonStatus = { controller: null, runner: null, home: this.home, socket };
    const status = answer.ok ? answer.value : absent;
    this.print(flags.output === 'json' ? renderJson(status) : renderDaemonStatus(status));
    return answer.ok ? EXIT.OK : EXIT.UNAVAILABLE;
  }
}
