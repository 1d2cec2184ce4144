const fastify = require('fastify')();

const { PORT, VERSION } = process.env;

fastify.get('/', () => ({ version: VERSION, pid: process.pid }));
fastify.addHook('onClose', () => console.log('closed the connections to the database'));

// Its own way to stop: an app that handles SIGTERM alone is asked with SIGTERM. The requests are drained by then.
process.on('SIGTERM', () => {
  fastify.close().then(
    () => process.exit(0),
    () => process.exit(1),
  );
});

// Stands for the first connection to the database; a bad release never gets there.
const connected =
  VERSION === 'bad' ? new Promise(() => {}) : new Promise((resolve) => setTimeout(resolve, 500));

fastify
  .listen({ port: Number(PORT), host: '127.0.0.1' })
  .then(() => connected)
  .then(() => process.send?.('ready'));
