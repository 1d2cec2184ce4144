import { readFileSync } from 'node:fs';
import * as Flags from '@oclif/core/flags';
import { EXIT } from '../../../lib/exit-codes.ts';
import type { ExitCode } from '../../../lib/exit-codes.ts';
import { FailureError } from '../../../lib/failure.ts';
import { BaseCommand } from '../base/base-command.ts';
import { unwrap } from '../../session/failures.ts';
import { openOffline } from '../../session/connect.ts';
import { durationFlag } from '../base/flags.ts';

const POLL_MS = 20;
/** Between the last answer of a daemon and the end of its processes. */
const END_LIMIT_MS = 2_000;

/** `daemon stop`: apps keep running unless `--all`. Stopping what does not run is done already. */
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
    const { controller, runner } = unwrap(status);
    unwrap(await api.stopDaemon({ all: flags.all }));
    const { clock } = this.context;
    const deadline = clock.monotonic() + flags.timeout;
    while ((await api.status()).ok) {
      if (clock.monotonic() >= deadline) {
        throw new FailureError({
          code: 'WAIT_TIMEOUT',
          message: 'the daemon still answers',
          hint: `its log is ${this.home}/daemon.log`,
        });
      }
      await this.#pause();
    }
    await this.#untilEnded([controller, ...(flags.all ? [runner] : [])].map((process) => process?.pid));
    if (flags.all) await this.#assertNothingRuns();
    this.note(flags.all ? 'stopped the daemon and every app' : 'stopped the daemon; apps keep running');
    return EXIT.OK;
  }

  /** The runner may live, and apps without either: with `--all` they are to end too. */
  async #withoutController({ all, timeout }: { all: boolean; timeout: number }): Promise<ExitCode> {
    const offline = await openOffline({ home: this.home, context: this.context }, timeout);
    const { runner, apps = { count: 0, processes: 0 } } = unwrap(await offline.status());
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
    unwrap(await offline.stopDaemon({ all }));
    await this.#untilEnded([runner?.pid]);
    this.note(`no controller ran; stopped the runner and ${what}`);
    return EXIT.OK;
  }

  async #assertNothingRuns(): Promise<void> {
    const offline = await openOffline({ home: this.home, context: this.context });
    const { apps } = unwrap(await offline.status());
    if (apps === undefined || apps.processes === 0) return;
    throw new FailureError({
      code: 'APP_FAILED',
      message: `stopped the daemon, and ${apps.processes} processes of ${apps.count} apps have not ended`,
      hint: 'stateward daemon status shows what runs; stateward daemon stop --all tries again',
    });
  }

  /** What follows, another start or the removal of the home, is not to meet a process that is about to end. */
  async #untilEnded(pids: readonly (number | undefined)[]): Promise<void> {
    const { clock } = this.context;
    const deadline = clock.monotonic() + END_LIMIT_MS;
    while (pids.some(isAlive) && clock.monotonic() < deadline) await this.#pause();
  }

  #pause(): Promise<void> {
    return new Promise((resolve) => this.context.clock.after(POLL_MS, resolve));
  }
}

/** Of /proc/pid/stat behind the command: the state, and how many threads there are. */
const STATE = 0;
const THREADS = 17;

/** A zombie has ended when its last thread has; nobody may ever ask about it (pid 1 of a container need not care). */
function isAlive(pid: number | undefined): boolean {
  if (pid === undefined) return false;
  try {
    if (process.platform !== 'linux') return process.kill(pid, 0);
    const stat = readFileSync(`/proc/${pid}/stat`, 'latin1');
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    return fields[STATE] !== 'Z' || Number(fields[THREADS]) > 1;
  } catch {
    return false;
  }
}
