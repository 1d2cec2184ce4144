const http = require('node:http');

let alive = true;
const startedAt = Date.now();

http
  .createServer((request, response) => {
    if (request.url === '/break') alive = false;
    const good = request.url === '/ready' ? Date.now() - startedAt > 500 : alive;
    response.writeHead(good ? 200 : 503).end(good ? 'ok\n' : 'not now\n');
  })
  .listen(Number(process.env.PORT), '127.0.0.1');
