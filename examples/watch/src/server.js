const { createServer } = require('node:http');
createServer((_request, response) => response.end(`served by pid ${process.pid}\n`)).listen(process.env.PORT);
