import { systemClock } from '../../../src/lib/clocks/clock.ts';
import { parseRemote } from '../../../src/sources/git/remote.ts';
import { openRepository } from '../../../src/sources/git/repository.ts';
import { makeRelease } from '../../../src/sources/releases/make-release.ts';
import { retire } from '../../../src/sources/releases/retire.ts';

/** What a child process does: makes a release as a controller does, or retires all, so that it can be killed at it. */
interface Order {
  readonly mirror: string;
  readonly commit: string;
  readonly dir: string;
  readonly command: readonly string[];
  readonly retire?: boolean;
}

async function main(): Promise<void> {
  const { mirror, commit, dir, command, ...order } = JSON.parse(process.argv[2] ?? '') as Order;
  if (order.retire === true) {
    await retire({ dir, keep: 0, inUse: new Set() });
    return;
  }
  const remote = parseRemote('file:///nowhere');
  if (!remote.ok) throw new Error(remote.error);
  const made = await makeRelease({
    repository: openRepository({
      ...{ dir: mirror, remote: remote.value, auth: { kind: 'none' }, history: 'tip', env: process.env },
      limits: { totalMs: 1000, stallMs: 1000, maxBytes: 1 },
    }),
    ...{ source: 'shop', commit, dir, clock: systemClock },
    build: { command, timeoutMs: 60_000, cwd: '', cache: [], env: { PATH: process.env['PATH'] ?? '' } },
    limits: { maxFiles: 1000, maxBytes: 1_000_000, maxOutputBytes: 10_000 },
  });
  process.stdout.write(`${JSON.stringify(made)}\n`);
}

void main();
