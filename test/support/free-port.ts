import { once } from 'node:events';
import { createServer } from 'node:net';

/** Below what Linux gives to whoever asks for any port, and below what `port: auto` chooses from. */
const FIRST = 10_000;
const LAST = 19_999;

/** So many test files at once have ports of their own. */
const WORKERS = 16;
const EACH = Math.floor((LAST - FIRST + 1) / WORKERS);

/**
 * A port that nobody listens on, for apps that must be told theirs: one that nobody else is given before the app has it, be
 * it another test file or a connection that goes out.
 */
export async function freePort(): Promise<number> {
  const worker = Number(process.env['VITEST_POOL_ID'] ?? 0) % WORKERS;
  for (;;) {
    const port = FIRST + worker * EACH + Math.floor(Math.random() * EACH);
    if (!given.has(port) && (await isFree(port))) {
      given.add(port);
      return port;
    }
  }
}

const given = new Set<number>();

async function isFree(port: number): Promise<boolean> {
  const server = createServer();
  const listening = once(server, 'listening');
  server.listen(port);
  const free = await listening.then(
    () => true,
    () => false,
  );
  if (free) await new Promise((resolve) => server.close(resolve));
  return free;
}
