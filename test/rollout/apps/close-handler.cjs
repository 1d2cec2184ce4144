/** Closes its server when it is asked to end, and ends when that is closed; 1 if it could not. */
const { createServer } = require('node:http');
const { address, answer } = require('./answer.cjs');

const server = createServer((request, response) => answer().then((text) => response.end(text)));
server.listen(address);
process.on('SIGINT', () => server.close((error) => process.exit(error === undefined ? 0 : 1)));
