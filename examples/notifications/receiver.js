// Takes messages whose signature is good, and each message once.
const { createHmac, timingSafeEqual } = require('node:crypto');
const { appendFileSync, readFileSync } = require('node:fs');
const { createServer } = require('node:http');

const secret = readFileSync(`${__dirname}/secrets/ops`, 'utf8').trim();
const seen = new Set();

createServer((request, response) => {
  const chunks = [];
  request.on('data', (chunk) => chunks.push(chunk));
  request.on('end', () => {
    const body = Buffer.concat(chunks);
    const expected = Buffer.from(`sha256=${createHmac('sha256', secret).update(body).digest('hex')}`);
    const given = Buffer.from(String(request.headers['x-stateward-signature-256']));
    if (given.length !== expected.length || !timingSafeEqual(given, expected)) {
      response.writeHead(403).end('this is not signed with our secret\n');
      return;
    }
    const message = JSON.parse(body.toString());
    if (!seen.has(message.id)) appendFileSync(`${__dirname}/received.txt`, `${lines(message)}\n`);
    seen.add(message.id);
    response.end('taken\n');
  });
}).listen(19321, '127.0.0.1');

function lines({ title, test, items }) {
  return test ? title : items.map((item) => `${item.kind}: ${item.title}`).join('\n');
}
