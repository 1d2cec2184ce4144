import { execFileSync } from 'node:child_process';
import { constants, openSync, rmSync } from 'node:fs';
import { Socket } from 'node:net';

/** Where `daemon run` takes what apps have for its own streams from. */
export interface AppOutput {
  /** Shows what is still on its way, and takes no more. */
  close(): Promise<void>;
}

/** Silent for so long means that nothing more is on its way. */
const QUIET_MS = 100;
const CLOSE_LIMIT_MS = 2_000;

/**
 * Shows on this process's own streams what apps write that log to `-` or `/dev/stdout`. The runner, which outlives this
 * process and may be older than it, finds it by a FIFO for each stream: it writes there while somebody reads.
 */
export function showAppOutput(
  fifos: Readonly<Record<'stdout' | 'stderr', string>>,
  clock: { after(ms: number, action: () => void): () => void; monotonic(): number },
): AppOutput {
  let lastAt = -Infinity;
  const paths = [fifos.stdout, fifos.stderr];
  for (const path of paths) rmSync(path, { force: true });
  execFileSync('mkfifo', ['-m', '600', ...paths]);
  const readers = [
    { path: fifos.stdout, target: process.stdout },
    { path: fifos.stderr, target: process.stderr },
  ].map(({ path, target }) => {
    // Open for writing too: without that every pause of the runner would look like the end.
    const fd = openSync(path, constants.O_RDWR | constants.O_NONBLOCK);
    const reader = new Socket({ fd, readable: true, writable: false });
    reader.on('data', () => (lastAt = clock.monotonic()));
    reader.on('error', () => reader.destroy());
    // Nobody is left to show it to: the runner finds nobody that reads, and writes files only.
    target.on('error', () => reader.destroy());
    reader.pipe(target, { end: false });
    return reader;
  });
  return {
    async close() {
      const end = clock.monotonic() + CLOSE_LIMIT_MS;
      lastAt = clock.monotonic();
      while (clock.monotonic() < Math.min(end, lastAt + QUIET_MS)) {
        await new Promise<void>((resolve) => clock.after(QUIET_MS / 4, resolve));
      }
      for (const reader of readers) reader.destroy();
      for (const path of paths) rmSync(path, { force: true });
    },
  };
}
