import { EXIT } from '../../../lib/exit-codes.ts';
import type { ExitCode } from '../../../lib/exit-codes.ts';
import { FailureError } from '../../../lib/failure.ts';
import { BaseCommand } from '../base/base-command.ts';
import { openOffline } from '../../session/connect.ts';
import { unwrap } from '../../session/failures.ts';
import { outputFlag } from '../base/output-format.ts';
import { renderDaemonStatus } from '../../views/daemon/daemon-status.ts';
import { renderJson } from '../../views/json.ts';

/** `daemon status`: exit 69 when no controller runs, in the same shape, with the runner and the apps that run all the same. */
export default class DaemonStatusCommand extends BaseCommand {
  static override changesNothing = true;
  static override summary = 'Show whether the daemon runs (exit 69 when it does not).';
  static override flags = { output: outputFlag(['table', 'json']) };

  async run(): Promise<ExitCode> {
    const { flags } = await this.parseLine(DaemonStatusCommand);
    const answer = await this.connect().status();
    if (!answer.ok && answer.error.code !== 'DAEMON_UNREACHABLE') throw new FailureError(answer.error);
    // Without a controller the runner may still run with its apps, or apps without either.
    const status = answer.ok
      ? answer.value
      : unwrap(await (await openOffline({ home: this.home, context: this.context })).status());
    this.print(flags.output === 'json' ? renderJson(status) : renderDaemonStatus(status));
    if (answer.ok) return EXIT.OK;
    if ((status.apps?.count ?? 0) > 0) {
      this.note('no controller runs, so nothing that ends is started again: stateward daemon start');
    }
    return EXIT.UNAVAILABLE;
  }
}
