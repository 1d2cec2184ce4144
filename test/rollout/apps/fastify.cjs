/** As Fastify's own documentation has it: `close` at the signal that containers send. */
const fastify = require('fastify');
const { address, answer } = require('./answer.cjs');

const app = fastify();
app.get('/', answer);
app.listen(address);
process.on('SIGTERM', () => app.close().then(() => process.exit(0)));
