import { EXIT } from '../../../lib/exit-codes.ts';
import type { ExitCode } from '../../../lib/exit-codes.ts';
import { BaseCommand } from '../base/base-command.ts';
import { unwrap } from '../../session/failures.ts';
import { connectOrStart } from '../../session/connect.ts';
import { outputFlag } from '../base/output-format.ts';
import { renderDaemonStatus } from '../../views/daemon/daemon-status.ts';
import { renderJson } from '../../views/json.ts';

/** `daemon start`: starts the daemon in the background, unless it runs already. */
export default class DaemonStart extends BaseCommand {
  static override summary = 'Start the daemon in the background.';
  static override flags = { output: outputFlag(['table', 'json']) };

  async run(): Promise<ExitCode> {
    const { flags } = await this.parseLine(DaemonStart);
    let outcome = 'the daemon runs already';
    const api = connectOrStart({ home: this.home, context: this.context }, () => {
      outcome = 'started the daemon';
    });
    const status = unwrap(await api.status());
    this.note(outcome);
    this.print(flags.output === 'json' ? renderJson(status) : renderDaemonStatus(status));
    return EXIT.OK;
  }
}
