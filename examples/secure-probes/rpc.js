// A gRPC server with nothing but a health service, and no library: grpc.health.v1.Health/Check.
const { createServer } = require('node:http2');

const SERVING = Buffer.from([0, 0, 0, 0, 2, 8, 1]);
const services = ['', 'shop.v1.Cart'];

createServer()
  .on('stream', (stream, headers) => {
    const chunks = [];
    stream.on('data', (chunk) => chunks.push(chunk));
    stream.on('end', () => {
      const isHealth = headers[':path'] === '/grpc.health.v1.Health/Check';
      // Behind the frame (5 bytes), the tag and the length of the name.
      const service = Buffer.concat(chunks).subarray(7).toString();
      const status = !isHealth ? '12' : services.includes(service) ? '0' : '5';
      stream.respond({ ':status': 200, 'content-type': 'application/grpc' }, { waitForTrailers: true });
      stream.on('wantTrailers', () => stream.sendTrailers({ 'grpc-status': status }));
      stream.end(status === '0' ? SERVING : undefined);
    });
  })
  .listen(process.env.PORT, '127.0.0.1');
