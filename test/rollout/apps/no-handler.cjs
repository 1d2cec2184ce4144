/** Node's own server, and nothing that knows of an end. */
const { createServer } = require('node:http');
const { address, answer } = require('./answer.cjs');

createServer((request, response) => answer().then((text) => response.end(text))).listen(address);
