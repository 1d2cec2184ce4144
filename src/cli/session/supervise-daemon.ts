import { spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import type { Clock } from '../../lib/clocks/clock.ts';
import { EXIT, type ExitCode } from '../../lib/exit-codes.ts';
import { foregroundEnvironment } from '../../spec/environment/daemon-environment.ts';
import { DAEMON_FLAGS } from './daemon-process.ts';

export interface SuperviseOptions {
  readonly home: string;
  /** The built daemon program. */
  readonly program: string;
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly clock: Clock;
  /** A signal stops the apps too. */
  readonly stopApps: boolean;
  /**
   * However this process ends, the controller stops the apps and ends too; `apps-and-home`: then it takes away the home, which
   * nobody else has. Default: it goes on.
   */
  readonly endsAlong?: 'apps' | 'apps-and-home';
  /** A terminal that goes away ends it; otherwise SIGHUP means nothing. */
  readonly hangupEnds?: boolean;
  /** Where the controller writes what it has to say. Default: to the streams of this process. */
  readonly output?: number;
  /** Further flags of the first controller: one that takes the place of another goes on where that was. */
  readonly firstFlags?: readonly string[];
  /** Called with the pid of every controller that is started. */
  readonly onStart?: (pid: number | undefined) => void;
  /** Called with every signal that ends it. */
  readonly onEnding?: (signal: NodeJS.Signals) => void;
  /** One line for people. */
  readonly note: (text: string) => void;
}

const ENDING: readonly NodeJS.Signals[] = ['SIGTERM', 'SIGINT', 'SIGQUIT'];
/** Others would end this process, or open a debugger in it. */
const HEARD: readonly NodeJS.Signals[] = [...ENDING, 'SIGHUP', 'SIGUSR1', 'SIGUSR2'];
/** A controller that ends before this has not come up. If it ends by itself, another would do the same. */
const STARTED_MS = 3_000;
const FIRST_DELAY_MS = 50;
const LAST_DELAY_MS = 5_000;

interface End {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
}

/**
 * Runs the controller of a home as a child until it is told to end, and starts another when it dies: whoever waits for
 * `daemon run` waits for the daemon, not for one process of it. Resolves with the exit code.
 */
export async function superviseDaemon(options: SuperviseOptions): Promise<ExitCode> {
  const { clock, note } = options;
  const asked: { child: ChildProcess | null; toEnd: boolean } = { child: null, toEnd: false };
  const forward = (signal: NodeJS.Signals): void => {
    const isHangup = signal === 'SIGHUP' && options.hangupEnds === true;
    if (!ENDING.includes(signal) && !isHangup) return;
    asked.toEnd = true;
    options.onEnding?.(signal);
    asked.child?.kill('SIGTERM');
  };
  const askedWithin = async (ms: number): Promise<boolean> => {
    await new Promise<void>((resolve) => clock.after(ms, resolve));
    return asked.toEnd;
  };
  for (const signal of HEARD) process.on(signal, forward);
  let delayMs = FIRST_DELAY_MS;
  let { firstFlags = [] } = options;
  try {
    for (;;) {
      const startedAt = clock.monotonic();
      const child = start(options, firstFlags);
      firstFlags = [];
      options.onStart?.(child.pid);
      asked.child = child;
      const { code, signal } = await endOf(child);
      const upMs = clock.monotonic() - startedAt;
      if (code === EXIT.OK) return EXIT.OK;
      // The daemon's own codes are out of the same table.
      if (code !== null && (asked.toEnd || upMs < STARTED_MS)) return code as ExitCode;
      if (asked.toEnd) return EXIT.FAILED;
      if (upMs >= STARTED_MS) delayMs = FIRST_DELAY_MS;
      note(`the controller ended (${signal ?? `code ${code}`}); starting another, apps keep running`);
      if (await askedWithin(delayMs)) return EXIT.OK;
      delayMs = Math.min(delayMs * 2, LAST_DELAY_MS);
    }
  } finally {
    for (const signal of HEARD) process.removeListener(signal, forward);
  }
}

/** In a group of its own: a signal of the terminal reaches it once, from here. */
function start(
  { home, program, env, stopApps, output, endsAlong }: SuperviseOptions,
  firstFlags: readonly string[],
): ChildProcess {
  const flags = [
    '--foreground',
    ...(stopApps ? ['--stop-apps'] : []),
    ...(endsAlong === undefined ? [] : ['--with-command']),
    ...(endsAlong === 'apps-and-home' ? ['--own-home'] : []),
    ...firstFlags,
  ];
  const child = spawn(process.execPath, [...DAEMON_FLAGS, program, home, ...flags], {
    // The last is closed by the kernel when this process ends, even by kill -9.
    stdio: [
      'ignore',
      output ?? 'inherit',
      output ?? 'inherit',
      ...(endsAlong === undefined ? [] : ['pipe' as const]),
    ],
    detached: true,
    env: foregroundEnvironment(env),
  });
  // Nothing is said on it: that it breaks with the end of the controller is no news.
  child.stdio[3]?.on('error', () => undefined);
  return child;
}

function endOf(child: ChildProcess): Promise<End> {
  return new Promise((resolve, reject) => {
    child.once('error', reject);
    child.once('exit', (code, signal) => resolve({ code, signal }));
  });
}
