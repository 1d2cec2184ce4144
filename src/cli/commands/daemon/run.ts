import * as Flags from '@oclif/core/flags';
import type { ExitCode } from '../../../lib/exit-codes.ts';
import { FailureError } from '../../../lib/failure.ts';
import { BaseCommand } from '../base/base-command.ts';
import { checkHome, prepareHome } from '../../../home/check.ts';
import { homeLayout } from '../../../home/layout.ts';
import { showAppOutput } from '../../session/app-output.ts';
import { isContainerInit } from '../../session/container-init.ts';
import { superviseDaemon } from '../../session/supervise-daemon.ts';

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
  };

  async run(): Promise<ExitCode> {
    const { flags } = await this.parseLine(DaemonRun);
    const unsafe = checkHome(this.home);
    if (unsafe !== null) throw new FailureError(unsafe);
    const running = await this.connect().status();
    if (running.ok) {
      throw new FailureError({
        code: 'CONFLICT',
        message: `the daemon of ${this.home} runs already (pid ${running.value.controller?.pid ?? 'unknown'})`,
        hint: 'stateward daemon stop ends it and leaves the apps running; daemon run takes them over then',
      });
    }
    const layout = homeLayout(this.home);
    const unprepared = prepareHome(layout);
    if (!unprepared.ok) throw new FailureError(unprepared.error);
    const output = showAppOutput(layout.appStreams, this.context.clock);
    const exit = await superviseDaemon({
      home: this.home,
      program: this.context.files.daemon,
      env: this.context.env,
      clock: this.context.clock,
      stopApps: flags['stop-apps'],
      note: (text) => this.note(text),
    });
    await output.close();
    return exit;
  }
}
