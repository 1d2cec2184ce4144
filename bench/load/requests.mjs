/**
 * A process of its own that sends requests as fast as they are answered, over connections that are kept or a new one for
 * each, and prints how many a second: what stands in for wrk(1) where that is not installed.
 *
 *   node bench/load/requests.mjs PORT CONNECTIONS SECONDS kept|new
 */
import { connect } from 'node:net';

const [port, connections, seconds] = process.argv.slice(2, 5).map(Number);
const isKept = process.argv[5] === 'kept';
const request = Buffer.from(`GET / HTTP/1.1\r\nHost: bench\r\n${isKept ? '' : 'Connection: close\r\n'}\r\n`);
let answered = 0;
let isOver = false;

/** The answers are so small that each comes in one piece. */
function keep() {
  const socket = connect(port, '127.0.0.1', () => socket.write(request));
  socket.setNoDelay(true);
  socket.on('data', () => {
    answered += 1;
    if (!isOver) socket.write(request);
  });
  socket.on('error', () => undefined).on('close', () => !isOver && keep());
}

function ask() {
  let hasAnswer = false;
  const socket = connect(port, '127.0.0.1', () => socket.write(request));
  socket.on('data', () => (hasAnswer = true));
  socket
    .on('error', () => undefined)
    .on('close', () => {
      if (hasAnswer) answered += 1;
      if (!isOver) ask();
    });
}

const from = performance.now();
for (let index = 0; index < connections; index++) (isKept ? keep : ask)();
setTimeout(() => {
  isOver = true;
  const took = (performance.now() - from) / 1000;
  process.stdout.write(JSON.stringify({ requests: answered, perSecond: answered / took }), () =>
    process.exit(),
  );
}, seconds * 1000);
