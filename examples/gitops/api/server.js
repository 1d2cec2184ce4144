const { createServer } = require('node:http');

createServer((_request, response) => response.end('api\n')).listen(0, '127.0.0.1', () =>
  console.log('api listens'),
);
