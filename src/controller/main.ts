import { writeSync } from 'node:fs';
import { ERROR_CODES } from '../lib/error-codes.ts';
import type { Controller } from './compose.ts';
import { startController } from './controller.ts';
import { redactText } from '../spec/secrets/redact.ts';
import { USUAL_UMASK } from '../runner/spawn/launch-command.ts';
import { commandGone, removeOwnHome } from './command-gone.ts';
import { answerOnce } from './one-shot.ts';
import { answerAgainst } from './snapshots/answer-against.ts';
import { upgradeRunner } from './upgrade/upgrade-runner.ts';

declare const __dirname: string;

const version = process.env.STATEWARD_VERSION ?? 'unknown';
/** A terminal and a wrapping command both pass a signal on: two within this time count as one. */
const SAME_SIGNAL_MS = 1_000;

/**
 * `daemon.cjs HOME` runs the controller until it is told to stop; `--foreground` where somebody waits for it, and starts
 * it again when it dies; `--stop-apps` has a signal stop the apps first; `--await-apply` starts nothing before the apply
 * that is about to come; `--with-command` stops the apps and ends when descriptor 3 is closed, and `--own-home` takes the
 * home away then. `daemon.cjs HOME --one-shot` answers one request; `--upgrade-runner [--force]` has the runner give
 * its place to the one that is built beside this. `daemon.cjs / --against=FILE [--verify-key=FILE]` answers one request from a
 * snapshot of another host, and looks at no home.
 */
async function main(args: readonly string[]): Promise<void> {
  const [home, ...flags] = args;
  if (home === undefined || home.startsWith('-')) {
    log(
      'usage: daemon.cjs HOME [--one-shot | --upgrade-runner [--force] | --foreground [--stop-apps] [--await-apply]]',
    );
    process.exitCode = 64;
    return;
  }
  if (flags.includes('--upgrade-runner')) {
    const force = flags.includes('--force');
    const report = await upgradeRunner({ home, version, distDir: __dirname, force });
    process.stdout.write(`${JSON.stringify(report)}\n`, () => process.exit(0));
    return;
  }
  if (flags.includes('--one-shot')) {
    await answerOnce({ home, version, distDir: __dirname });
    return;
  }
  const against = valueOf('--against', flags);
  if (against !== null) {
    await answerAgainst({ file: against, verifyKey: valueOf('--verify-key', flags) });
    return;
  }
  await run(home, {
    foreground: flags.includes('--foreground'),
    stopApps: flags.includes('--stop-apps'),
    awaitsApply: flags.includes('--await-apply'),
    withCommand: flags.includes('--with-command'),
    ownHome: flags.includes('--own-home'),
  });
}

function valueOf(flag: string, flags: readonly string[]): string | null {
  return flags.find((word) => word.startsWith(`${flag}=`))?.slice(flag.length + 1) ?? null;
}

interface RunOptions {
  readonly foreground: boolean;
  readonly stopApps: boolean;
  readonly awaitsApply: boolean;
  /** What has started it says by a connection that it is there. */
  readonly withCommand: boolean;
  /** The home is of no use when the command has gone. */
  readonly ownHome: boolean;
}

async function run(home: string, options: RunOptions): Promise<void> {
  const { foreground, stopApps, awaitsApply } = options;
  const starting = startController({
    home,
    version,
    distDir: __dirname,
    environment: process.env,
    supervised: foreground,
    awaitsApply,
    log,
  });
  const controller = starting.then((started) => (started.ok ? started.value : null));
  handleSignals(controller, stopApps);
  const gone = options.withCommand ? commandGone() : null;
  gone?.addEventListener('abort', () => {
    log('the command that this controller belongs to has gone; it stops the apps and ends');
    void controller.then((running) => running?.stop(true));
  });
  const started = await starting;
  if (!started.ok) {
    const { code, message, hint } = started.error;
    log(`cannot start the controller: ${code}: ${message}${hint === undefined ? '' : ` (${hint})`}`);
    // In the background, it is fine to find another controller running.
    process.exitCode = foreground ? ERROR_CODES[code] : code === 'CONFLICT' ? 0 : 1;
    return;
  }
  log(`controller ${version} started for ${home} (pid ${process.pid})`);
  await started.value.ended;
  log('controller stopped');
  if (gone?.aborted === true && options.ownHome) await removeOwnHome(home);
  process.exit(0);
}

/** A signal that arrives during the start is handled after it. */
function handleSignals(controller: Promise<Controller | null>, stopApps: boolean): void {
  let askedAt: number | undefined;
  const onSignal = (signal: NodeJS.Signals): void => {
    const isAgain = askedAt !== undefined && performance.now() - askedAt > SAME_SIGNAL_MS;
    if (askedAt !== undefined && !(isAgain && stopApps)) return;
    askedAt ??= performance.now();
    const what = stopApps ? 'it stops the apps first' : 'apps keep running';
    log(isAgain ? `${signal} again: kills what has not ended` : `controller ends on ${signal}; ${what}`);
    // `ended` says when; neither rejects.
    void controller.then((running) => (isAgain ? running?.hurry() : running?.stop(stopApps)));
  };
  for (const signal of ['SIGTERM', 'SIGINT'] as const) process.on(signal, onSignal);
  // A terminal that goes away must not take the controller along.
  process.on('SIGHUP', () => undefined);
}

function log(line: string): void {
  try {
    writeSync(2, `${new Date().toISOString()} ${redactText(line)}\n`);
  } catch {
    // Nobody reads: not a reason to stop.
  }
}

process.on('uncaughtException', (error) => {
  // Crash-only: what runs does not need the controller, and another is started at once.
  log(`internal error, the controller ends: ${error.stack ?? error.message}`);
  process.exit(1);
});

// Not that of whoever started the daemon: with 0777 nothing that it makes could be used.
process.umask(USUAL_UMASK);
// A failure ends in uncaughtException.
void main(process.argv.slice(2));
