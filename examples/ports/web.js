const { createServer } = require('node:http');

const { PORT, PORT_ADMIN } = process.env;
createServer((_request, response) =>
  response.end(`slot ${process.env.NODE_APP_INSTANCE} on ${PORT}\n`),
).listen(PORT);
if (PORT_ADMIN !== undefined) {
  createServer((_request, response) => response.end('fine\n')).listen(PORT_ADMIN, '127.0.0.1');
}
