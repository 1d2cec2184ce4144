import { createServer } from 'node:net';

/** Listens on a Unix socket and counts programs that say "up". */
export async function upCounter(path) {
  let count = 0;
  let waiting;
  const server = createServer((socket) => {
    socket.on('error', () => undefined);
    socket.resume();
    count += 1;
    if (waiting !== undefined && count >= waiting.target) waiting.resolve(performance.now());
  });
  await new Promise((resolve) => server.listen(path, resolve));
  return {
    reset: () => void (count = 0),
    /** Resolves with the time at which `target` programs had said so. */
    reached: (target) => new Promise((resolve) => (waiting = { target, resolve })),
    close: () => server.close(),
  };
}
