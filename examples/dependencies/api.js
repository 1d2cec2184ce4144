const { createServer } = require('node:http');
const { connect } = require('node:net');

// It keeps what it read at start, so the file asks for a restart when `db` gets a new process.
connect(Number(process.env.DB_PORT), '127.0.0.1').on('data', (rows) => {
  createServer((_request, response) => response.end(rows)).listen(Number(process.env.PORT), '127.0.0.1');
  console.log('api: ready');
});
