const { createServer } = require('node:http');

createServer((_, response) => response.end('hello\n')).listen(Number(process.env.PORT));
