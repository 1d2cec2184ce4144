const fastify = require('fastify')();

const { PORT, VERSION } = process.env;

fastify.get('/', () => ({ version: VERSION, pid: process.pid }));
fastify.addHook('onClose', () => console.log('closed the connections to the database'));

// An app that handles only SIGTERM is stopped with SIGTERM. Its requests are drained by then.
process.on('SIGTERM', () => {
  fastify.close().then(
    () => process.exit(0),
    () => process.exit(1),
  );
});

// Stands for the first connection to the database, which a bad release never gets.
const connected =
  VERSION === 'bad' ? new Promise(() => {}) : new Promise((resolve) => setTimeout(resolve, 500));

fastify
  .listen({ port: Number(PORT), host: '127.0.0.1' })
  .then(() => connected)
  .then(() => process.send?.('ready'));
