const { connect } = require('node:net');

connect(Number(process.env.DB_PORT), '127.0.0.1')
  .on('data', () => console.log('migrate: done'))
  .on('error', (error) => {
    console.error(`migrate: ${error.message}`);
    process.exitCode = 1;
  });
