import { spawn } from 'node:child_process';
import { readFileSync, realpathSync } from 'node:fs';
import { text } from 'node:stream/consumers';
import type { DaemonStatus } from '../../api/contract/wire/daemon.ts';
import type { ProgramUpgrade, RunnerUpgrade } from '../../api/contract/wire/upgrade.ts';
import type { Failure } from '../../lib/failure.ts';
import { FailureError } from '../../lib/failure.ts';
import type { Api } from './api.ts';
import type { CliContext } from './context.ts';
import { daemonEnvironment } from '../../spec/environment/daemon-environment.ts';
import { DAEMON_FLAGS, startDaemon } from './daemon-process.ts';
import { unwrap } from './failures.ts';

type Controller = NonNullable<DaemonStatus['controller']>;

export interface UpgradeOptions {
  readonly home: string;
  readonly context: CliContext;
  readonly api: Pick<Api, 'status'>;
}

/** The runner, or whoever supervises, starts the next controller at once; then it is started from here. */
const OTHERS_START_MS = 2_000;
const START_LIMIT_MS = 20_000;
const POLL_MS = 20;

/** Has the installed program see to the runner. */
export async function upgradeRunner(
  { home, context }: Pick<UpgradeOptions, 'home' | 'context'>,
  force: boolean,
): Promise<RunnerUpgrade> {
  const args = [context.files.daemon, home, '--upgrade-runner', ...(force ? ['--force'] : [])];
  const child = spawn(process.execPath, [...DAEMON_FLAGS, ...args], {
    env: daemonEnvironment(context.env),
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const [out, errors] = await Promise.all([text(child.stdout), text(child.stderr)]);
  try {
    return JSON.parse(out) as RunnerUpgrade;
  } catch {
    throw new FailureError({
      code: 'UPGRADE_FAILED',
      message: 'the installed daemon program does not run; nothing was changed',
      details: errors.trimEnd().split('\n').slice(-10),
      hint: `is ${context.files.daemon} whole, and Node new enough? Install stateward again`,
    });
  }
}

/** Whether somebody else starts the controller again: `daemon run`, for a service manager or a container. */
export function isSupervised({ pid, supervised }: Controller): boolean {
  return supervised === true || (commandOf(pid)?.includes('--foreground') ?? false);
}

/** Why the controller would not come back as the installed one; null: it will. */
export function wrongProgram(
  controller: Controller,
  { context }: Pick<UpgradeOptions, 'context'>,
): Failure | null {
  if (!isSupervised(controller)) return null;
  const program = commandOf(controller.pid)?.find((arg) => arg.endsWith('daemon.cjs'));
  if (program === undefined || realPath(program) === realPath(context.files.daemon)) return null;
  return {
    code: 'UPGRADE_FAILED',
    message: `the daemon is kept up by "daemon run" of another installation (${program}); nothing was changed`,
    hint: 'have the service start this one: stateward startup, then restart the service; apps keep running',
  };
}

/** Waits until the controller is connected to the new runner: that then starts another as soon as this one is ended. */
export async function untilConnected(runnerPid: number, { context, api }: UpgradeOptions): Promise<void> {
  const { clock } = context;
  const begun = clock.monotonic();
  while (clock.monotonic() - begun < OTHERS_START_MS) {
    const status = await api.status();
    if (!status.ok || status.value.runner?.pid === runnerPid || status.value.problem !== undefined) return;
    await new Promise<void>((resolve) => clock.after(POLL_MS, resolve));
  }
}

/** Ends the controller, and waits until the installed one answers in its place. */
export async function replaceController(
  controller: Controller,
  { home, context, api }: UpgradeOptions,
): Promise<ProgramUpgrade> {
  const { clock } = context;
  const begun = clock.monotonic();
  const waited = (): number => clock.monotonic() - begun;
  // It holds nothing that is not on the disk, and a word to the runner would keep the next one away.
  endIfThere(controller.pid);
  const next = async (): Promise<Controller | null> => {
    const status = await api.status();
    const found = status.ok ? status.value.controller : null;
    return found === null || found.pid === controller.pid ? null : found;
  };
  let after = await next();
  let hasStarted = isSupervised(controller);
  while (after === null && waited() < START_LIMIT_MS) {
    if (!hasStarted && waited() > OTHERS_START_MS) {
      hasStarted = true;
      const {
        files: { daemon: program },
        env,
      } = context;
      unwrap(await startDaemon({ home, program, env, clock, answers: async () => (await next()) !== null }));
    }
    await new Promise<void>((resolve) => clock.after(POLL_MS, resolve));
    after = await next();
  }
  if (after === null) {
    throw new FailureError({
      code: 'UPGRADE_FAILED',
      message: 'the installed controller does not come up; apps keep running',
      hint: `its log is ${home}/daemon.log; stateward daemon start tries again`,
    });
  }
  return { outcome: 'replaced', before: controller, after, ms: Math.round(waited()) };
}

function endIfThere(pid: number): void {
  try {
    process.kill(pid, 'SIGKILL');
  } catch {
    // It has ended by itself.
  }
}

/** Program and arguments; null: the system does not say. */
function commandOf(pid: number): readonly string[] | null {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, 'utf8').split('\0');
  } catch {
    return null;
  }
}

function realPath(path: string): string {
  try {
    return realpathSync(path);
  } catch {
    return path;
  }
}
