const { createServer } = require('node:http');

const server = createServer((_request, response) => response.end(`${process.env.NODE_ENV}\n`));
server.listen(Number(process.env.PORT), '127.0.0.1', () => {
  console.log(`${process.env.NODE_ENV} server with ${process.argv.slice(2).join(' ')}`);
});
