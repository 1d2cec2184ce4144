// A server over TLS, with a certificate that it makes for itself when there is none.
const { execFileSync } = require('node:child_process');
const { existsSync, mkdirSync, readFileSync } = require('node:fs');
const { createServer } = require('node:https');

const [key, cert] = ['certs/key.pem', 'certs/cert.pem'];
if (!existsSync(cert)) {
  mkdirSync('certs', { recursive: true });
  const made = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes', '-days', '30'];
  const named = ['-subj', '/CN=shop.example', '-addext', 'subjectAltName=DNS:shop.example'];
  execFileSync('openssl', ['req', '-x509', ...made, ...named, '-keyout', key, '-out', cert], {
    stdio: 'ignore',
  });
}

createServer({ key: readFileSync(key), cert: readFileSync(cert) }, ({ headers, url }, response) => {
  if (url === '/ready' && headers.authorization !== `Bearer ${process.env.PROBE_TOKEN}`) {
    response.writeHead(401, { 'content-type': 'text/plain' }).end('who is asking?\n');
    return;
  }
  response.end('hello\n');
}).listen(process.env.PORT, '127.0.0.1');
