const { createServer } = require('node:http');
const { greeting } = require('./lib/greeting.js');

createServer((_request, response) => response.end(`${greeting} from ${process.pid}\n`)).listen(
  process.env.PORT,
);
