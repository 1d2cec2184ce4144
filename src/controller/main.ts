import { writeSync } from 'node:fs';
import { startController } from './controller.ts';
import { redactText } from '../spec/redact.ts';
import { answerOnce } from './one-shot.ts';

declare const __dirname: string;

const version = process.env.STATEWARD_VERSION ?? 'unknown';

/** `daemon.cjs HOME` runs the controller until it is told to stop; `daemon.cjs HOME --one-shot` answers one request. */
async function main(args: readonly string[]): Promise<void> {
  const [first, second] = args;
  if (first !== undefined && second === '--one-shot') {
    await answerOnce({ home: first, version });
    return;
  }
  if (first === undefined || first.startsWith('-')) {
    log('usage: daemon.cjs HOME');
    process.exitCode = 64;
    return;
  }
  await run(first);
}

async function run(home: string): Promise<void> {
  const started = await startController({ home, version, distDir: __dirname, environment: process.env, log });
  if (!started.ok) {
    const { code, message, hint } = started.error;
    log(`cannot start the controller: ${code}: ${message}${hint === undefined ? '' : ` (${hint})`}`);
    process.exitCode = code === 'CONFLICT' ? 0 : 1;
    return;
  }
  log(`controller ${version} started for ${home} (pid ${process.pid})`);
  for (const signal of ['SIGTERM', 'SIGINT'] as const) {
    process.on(signal, () => {
      log(`controller stops on ${signal}; apps keep running`);
      // `ended` says when; stop() does not reject.
      void started.value.stop(false);
    });
  }
  // A terminal that goes away must not take the controller along.
  process.on('SIGHUP', () => undefined);
  await started.value.ended;
  log('controller stopped');
  process.exit(0);
}

function log(line: string): void {
  try {
    writeSync(2, `${new Date().toISOString()} ${redactText(line)}\n`);
  } catch {
    // Nobody reads: not a reason to stop.
  }
}

process.on('uncaughtException', (error) => {
  // Crash-only: what runs does not need the controller, and the runner starts another at once.
  log(`internal error, the controller ends: ${error.stack ?? error.message}`);
  process.exit(1);
});

// A failure ends in uncaughtException.
void main(process.argv.slice(2));
