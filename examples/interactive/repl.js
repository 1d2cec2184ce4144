// A REPL with the state of the app in it, for whoever attaches.
const repl = require('node:repl');

const orders = [{ id: 1, total: 42 }];
const server = repl.start({ prompt: 'shop> ', ignoreUndefined: true });
server.context.orders = orders;
// Ctrl-D would end the app.
server.on('exit', () => process.exit(0));
