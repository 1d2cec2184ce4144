const { createServer } = require('node:http');

const server = createServer((request, response) => {
  response.end(request.url === '/healthz' ? 'ok\n' : `hello from ${process.pid}\n`);
});
server.listen(Number(process.env.PORT));
process.on('SIGTERM', () => server.close());
