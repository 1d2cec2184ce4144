import * as Flags from '@oclif/core/flags';
import { runCommand } from '../../../boot/run-command.ts';
import type { ExitCode } from '../../../lib/exit-codes.ts';
import { FailureError } from '../../../lib/failure.ts';
import { BaseCommand } from '../base/base-command.ts';
import { checkHome, prepareHome } from '../../../home/check.ts';
import { unsafeInside } from '../../../home/tighten.ts';
import { homeLayout } from '../../../home/layout.ts';
import { showAppOutput } from '../../session/app-output.ts';
import { isContainerInit, orphanWarning } from '../../foreground/container-init.ts';
import { noticeReady } from '../../session/ready-notice.ts';
import { stopController } from '../../session/stop-controller.ts';
import { superviseDaemon } from '../../session/supervise-daemon.ts';

const REPLACE_LIMIT_MS = 30_000;

/** `daemon run`: the daemon in the foreground, for containers and service managers. */
export default class DaemonRun extends BaseCommand {
  static override summary = 'Run the daemon in the foreground, for containers and service managers.';
  static override flags = {
    'stop-apps': Flags.boolean({
      description:
        'On SIGTERM and SIGINT stop the apps too, dependents first and drained, before it ends. ' +
        'Default as process 1, or right below the init of a container.',
      allowNo: true,
      default: () => Promise.resolve(isContainerInit()),
      noCacheDefault: true,
    }),
    replace: Flags.boolean({
      description: 'Where a daemon runs already, end it and take its place; apps keep running.',
    }),
  };

  async run(): Promise<ExitCode> {
    const { flags } = await this.parseLine(DaemonRun);
    const layout = homeLayout(this.home);
    const unsafe = checkHome(this.home) ?? unsafeInside(layout);
    if (unsafe !== null) throw new FailureError(unsafe);
    await this.#takePlace(flags.replace);
    const warning = orphanWarning();
    if (warning !== null) this.note(warning);
    const unprepared = prepareHome(layout);
    if (!unprepared.ok) throw new FailureError(unprepared.error);
    const output = showAppOutput(layout.appStreams, this.context.clock);
    const ended = new AbortController();
    void noticeReady({
      env: this.context.env,
      api: this.connect(),
      clock: this.context.clock,
      run: runCommand,
      signal: ended.signal,
      note: (text) => this.note(text),
    });
    const exit = await superviseDaemon({
      home: this.home,
      program: this.context.files.daemon,
      env: this.context.env,
      clock: this.context.clock,
      stopApps: flags['stop-apps'],
      note: (text) => this.note(text),
    });
    ended.abort();
    await output.close();
    return exit;
  }

  /** There is one daemon of a home. */
  async #takePlace(replace: boolean): Promise<void> {
    const api = this.connect();
    const running = await api.status();
    if (!running.ok) return;
    const { home, context } = this;
    const pid = running.value.controller?.pid ?? 'unknown';
    if (!replace) {
      throw new FailureError({
        code: 'CONFLICT',
        message: `the daemon of ${home} runs already (pid ${pid})`,
        hint: 'stateward daemon run --replace ends it and takes its place; apps keep running',
      });
    }
    const options = { api, home, clock: context.clock, all: false, timeoutMs: REPLACE_LIMIT_MS };
    await stopController({ ...options, status: running.value });
    this.note(`the daemon that ran (pid ${pid}) has ended; apps keep running`);
  }
}
