import * as Flags from '@oclif/core/flags';
import { EXIT } from '../../../lib/exit-codes.ts';
import type { ExitCode } from '../../../lib/exit-codes.ts';
import { FailureError, type Failure } from '../../../lib/failure.ts';
import { unwrittenText } from '../../../api/contract/unwritten-text.ts';
import type { DaemonStatus, UnwrittenInfo } from '../../../api/contract/wire/daemon.ts';
import { whoAmI } from '../../declare/project-files.ts';
import { BaseCommand } from '../base/base-command.ts';
import { unwrap } from '../../session/failures.ts';
import { openOffline } from '../../session/connect.ts';
import { untilEnded } from '../../../home/until-ended.ts';
import { stopController } from '../../session/stop-controller.ts';
import { durationFlag } from '../base/flags.ts';

/** `daemon stop`: apps keep running unless `--all`. Stopping a daemon that does not run succeeds. */
export default class DaemonStop extends BaseCommand {
  static override summary = 'Stop the daemon; apps keep running, unless --all.';
  static override flags = {
    all: Flags.boolean({ description: 'Stop the apps too; the next daemon start brings them back.' }),
    timeout: durationFlag({ description: 'Stop waiting for its end after this long.', default: '1m' }),
  };

  async run(): Promise<ExitCode> {
    const { flags } = await this.parseLine(DaemonStop);
    const api = this.connect();
    const status = await api.status();
    if (!status.ok && status.error.code === 'DAEMON_UNREACHABLE') return this.#withoutController(flags);
    const { clock } = this.context;
    const options = { api, home: this.home, clock, all: flags.all, timeoutMs: flags.timeout };
    const { unwritten } = await stopController({
      ...options,
      status: unwrap(status),
      by: whoAmI(),
    });
    if (unwritten !== undefined) this.printWarnings([lostWarning(unwritten)]);
    if (flags.all) await this.#assertNothingRuns();
    this.note(flags.all ? 'stopped the daemon and every app' : 'stopped the daemon; apps keep running');
    return EXIT.OK;
  }

  /** The runner may live, and apps without either: with `--all` they are to end too. */
  async #withoutController({ all, timeout }: { all: boolean; timeout: number }): Promise<ExitCode> {
    const offline = await openOffline({ home: this.home, context: this.context }, timeout);
    const { runner, problem, apps = { count: 0, processes: 0 } } = unwrap(await offline.status());
    const what = `${apps.count} app${apps.count === 1 ? '' : 's'}`;
    if (!all) {
      const running = apps.count === 0 ? '' : `; ${what} run on: stateward daemon stop --all stops them`;
      this.note(`the daemon does not run${running}`);
      return EXIT.OK;
    }
    if (runner === null && apps.count === 0) {
      this.note('the daemon does not run');
      return EXIT.OK;
    }
    if (problem?.code === 'RUNNER_SILENT') throw new FailureError(problem);
    unwrap(await offline.stopDaemon({ all }));
    await untilEnded([runner?.pid], this.context.clock);
    await this.#assertNothingRuns();
    this.note(`no controller ran; stopped the runner and ${what}`);
    return EXIT.OK;
  }

  async #assertNothingRuns(): Promise<void> {
    const offline = await openOffline({ home: this.home, context: this.context });
    const { apps, unverified = [] } = unwrap(await offline.status());
    if (unverified.length > 0) throw new FailureError(leftAlone(unverified));
    if (apps === undefined || apps.processes === 0) return;
    throw new FailureError({
      code: 'APP_FAILED',
      message: `stopped the daemon, and ${apps.processes} processes of ${apps.count} apps have not ended`,
      hint: 'stateward daemon status shows what runs; stateward daemon stop --all tries again',
    });
  }
}

function lostWarning(unwritten: UnwrittenInfo): Failure {
  return {
    code: 'STATE_WRITE',
    message: `could not be written before the daemon ended: ${unwrittenText(unwritten)}`,
    hint: `${unwritten.hint}; the next daemon start goes by what is on disk`,
  };
}

function leftAlone(unverified: NonNullable<DaemonStatus['unverified']>): Failure {
  const which = unverified.map(({ key, pid }) => `${pid ?? 'without a pid'} (${key})`).join(', ');
  return {
    code: 'APP_FAILED',
    message: `stopped all but process ${which}: it cannot be proven to be stateward's, so it is left alone, and the runner stays`,
    hint: 'look at it with ps; when you have ended it, the runner ends too',
  };
}
