// Says "up" to the benchmark once it runs, then does nothing.
const { connect } = require('node:net');
const socket = connect(process.env.BENCH_SOCKET, () => socket.end('up\n'));
setInterval(() => {}, 1_000_000);
