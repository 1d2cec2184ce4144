// Takes its socket as go-systemd/activation does, and ends as http.Server.Shutdown does: no new connection, kept ones closed
// between two requests, what is under way answered. SIGUSR1: the same, and it is a crash.
const { createServer } = require('node:http');

if (process.env.LISTEN_PID !== String(process.pid)) throw new Error('no sockets for this process');
const server = createServer((request, response) => {
  response.end(`version ${process.env.VERSION} pid ${process.pid}\n`);
}).listen({ fd: 3 });

function end(code) {
  server.close(() => process.exit(code));
  server.closeIdleConnections();
}
process.on('SIGTERM', () => end(0));
process.on('SIGUSR1', () => end(1));
