import { createRequire } from 'node:module';

/** The real package. */
const IO = createRequire(import.meta.url).resolve('@pm2/io');

/** Speaks through @pm2/io, as an app that was run by PM2. */
export const IO_APP = `
const io = require(${JSON.stringify(IO)});
const queue = io.metric({ name: 'queue depth', unit: 'jobs' });
queue.set(7);
io.counter({ name: 'orders' }).inc(3);
io.meter({ name: 'orders/min', samples: 1, timeframe: 60 }).mark();
const sizes = io.histogram({ name: 'size', measurement: 'mean' });
for (const size of [10, 20, 30]) sizes.update(size);
io.metric({ name: 'state', value: () => 'warm' });
io.action('flush', (reply) => reply({ flushed: 7 }));
io.action('level', (parameter, reply) => reply('level ' + parameter));
io.action('fail', () => io.notifyError(new TypeError('no orders'), { shop: 1 }));
`;

/** Speaks by plain messages, and serves. */
export const PLAIN_APP = `
const { createServer } = require('node:http');
const say = (type, data) => process.send({ type: 'stateward:' + type, data });
say('metrics', { depth: { value: 3, unit: 'jobs' }, mode: 'warm' });
say('action', { name: 'double', parameter: true, description: 'Twice as much.' });
say('action', { name: 'refuse' });
say('action', { name: 'hang' });
process.on('message', ({ type, data }) => {
  if (type !== 'stateward:call' || data.action === 'hang') return;
  const { id, action, parameter } = data;
  say('reply', action === 'double' ? { id, value: parameter * 2 } : { id, error: 'not today' });
});
createServer((request, response) => {
  response.statusCode = request.url === '/broken' ? 503 : 200;
  if (request.url === '/slow') setTimeout(() => response.end(), 6_000);
  else response.end('hi');
}).listen(Number(process.env.PORT), '127.0.0.1', () => process.send('ready'));
`;
