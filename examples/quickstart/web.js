const { createServer } = require('node:http');

const port = Number(process.env.PORT);
const server = createServer((_request, response) => response.end(`${process.env.GREETING}\n`));
server.listen(port, '127.0.0.1', () => console.log(`listening on http://127.0.0.1:${port}`));
process.on('SIGINT', () => server.close(() => process.exit(0)));
