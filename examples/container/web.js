const { createServer } = require('node:http');

const greeting = process.env.GREETING ?? 'hello';
const server = createServer((request, response) => {
  if (request.url === '/healthz') response.end('ok\n');
  else response.end(`${greeting} from instance ${process.env.NODE_APP_INSTANCE}\n`);
});
server.listen(Number(process.env.PORT), () => console.log(`listening on ${process.env.PORT}`));
process.on('SIGINT', () => server.close(() => console.log('closed')));
