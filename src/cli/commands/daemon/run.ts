import { spawn } from 'node:child_process';
import type { ExitCode } from '../../../lib/exit-codes.ts';
import { FailureError } from '../../../lib/failure.ts';
import { BaseCommand } from '../base/base-command.ts';
import { DAEMON_FLAGS, daemonEnvironment } from '../../session/daemon-process.ts';
import { checkHome } from '../../../home/check.ts';

const FORWARDED: readonly NodeJS.Signals[] = ['SIGTERM', 'SIGINT', 'SIGHUP'];
const SIGNAL_EXIT_BASE = 128;
const SIGINT_NUMBER = 2;

/** `daemon run`: the daemon in the foreground, for containers and service managers. */
export default class DaemonRun extends BaseCommand {
  static override summary = 'Run the daemon in the foreground.';

  async run(): Promise<ExitCode> {
    await this.parseLine(DaemonRun);
    const unsafe = checkHome(this.home);
    if (unsafe !== null) throw new FailureError(unsafe);
    const child = spawn(process.execPath, [...DAEMON_FLAGS, this.context.files.daemon, this.home], {
      stdio: 'inherit',
      env: daemonEnvironment(this.context.env),
    });
    const forward = (signal: NodeJS.Signals): void => void child.kill(signal);
    for (const signal of FORWARDED) process.on(signal, forward);
    try {
      return await new Promise((resolve, reject) => {
        child.once('error', reject);
        child.once('exit', (code) => {
          // The daemon's own codes are out of the same table; a signal is told as shells tell it.
          resolve((code ?? SIGNAL_EXIT_BASE + SIGINT_NUMBER) as ExitCode);
        });
      });
    } finally {
      for (const signal of FORWARDED) process.removeListener(signal, forward);
    }
  }
}
