import { createServer } from 'node:http';

let level = 'info';
let orders = 0;

const say = (type, data) => process.send?.({ type: `stateward:${type}`, data });
const report = () => say('metrics', { orders: { value: orders, unit: 'orders' }, level });

/** What it can be asked to do. */
const ACTIONS = {
  level(to) {
    if (!['debug', 'info', 'error'].includes(to)) throw new Error(`there is no level ${to}`);
    const was = level;
    level = to;
    report();
    return { was, is: level };
  },
  flush: () => `${orders} orders flushed`,
};

say('action', { name: 'level', parameter: true, description: 'Sets the level: debug, info or error.' });
say('action', { name: 'flush', description: 'Writes what waits.' });
process.on('message', (message) => {
  if (message?.type !== 'stateward:call') return;
  const { id, action, parameter } = message.data;
  try {
    say('reply', { id, value: ACTIONS[action](parameter) });
  } catch (error) {
    say('reply', { id, error: error.message });
  }
});

const server = createServer((request, response) => {
  orders += 1;
  response.end(`order ${orders}\n`);
});
server.listen(process.env.PORT, '127.0.0.1', () => process.send?.('ready'));
report();
setInterval(report, 5_000).unref();
process.on('SIGINT', () => process.exit(0));
