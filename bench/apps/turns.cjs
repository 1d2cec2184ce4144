/**
 * Preloaded into the controller: how long its event loop was held at once, at most, in time of the processor, so that a
 * busy machine does not count. A turn is what the main thread used between two looks; a look is taken every millisecond
 * in which the loop is free. Whoever connects to TURNS_SOCKET gets it and begins anew.
 */
if (process.argv[1]?.endsWith('daemon.cjs')) {
  const { openSync, readSync, rmSync } = require('node:fs');
  const { createServer } = require('node:net');
  const schedstat = openSync(`/proc/self/task/${process.pid}/schedstat`, 'r');
  const bytes = Buffer.alloc(64);
  const usedMs = () =>
    Number(bytes.toString('latin1', 0, readSync(schedstat, bytes, 0, 64, 0)).split(' ')[0]) / 1e6;
  let last = usedMs();
  let begun = last;
  let longest = 0;
  setInterval(() => {
    const now = usedMs();
    longest = Math.max(longest, now - last);
    last = now;
  }, 1).unref();
  rmSync(process.env.TURNS_SOCKET, { force: true });
  createServer((connection) => {
    connection.end(JSON.stringify({ longestMs: longest, usedMs: usedMs() - begun }));
    longest = 0;
    begun = usedMs();
  })
    .listen(process.env.TURNS_SOCKET)
    .unref();
}
