import { describe, expect, it } from 'vitest';
import { httpOfCommand } from '../../src/import/model/http-command.ts';

describe('a health check that runs curl or wget', () => {
  it.each<readonly [string | readonly string[], object]>([
    ['curl -f http://localhost:3000/healthz', { port: 3000, path: '/healthz' }],
    ['curl --fail --silent http://127.0.0.1 || exit 1', { port: 80 }],
    [['curl', '-fsS', '-o', '/dev/null', 'localhost:8080/?a=b'], { port: 8080, path: '/?a=b' }],
    [
      'curl -fk https://localhost/up?x=1 || exit 1;',
      { port: 443, path: '/up?x=1', scheme: 'https', insecure: true },
    ],
    [
      ['curl', '-f', '--cacert', '/ca.pem', 'https://localhost:8443'],
      { port: 8443, scheme: 'https', ca: '/ca.pem', server_name: 'localhost' },
    ],
    [
      "curl -f -H 'Host: shop.example' --header='A: b' http://localhost:1",
      { port: 1, headers: { Host: 'shop.example', A: 'b' } },
    ],
    ['wget -q --spider http://localhost:9/ || exit 1', { port: 9 }],
    [
      'wget --no-check-certificate -qO- https://127.0.0.1:9/x',
      { port: 9, path: '/x', scheme: 'https', insecure: true },
    ],
  ])('is a probe: %s', (command, http) => {
    expect(httpOfCommand(command)).toEqual(http);
  });

  it.each<string | readonly string[]>([
    // Every status is success.
    'curl http://localhost:3000',
    'curl -fL http://localhost:3000',
    'curl -f -X POST http://localhost:3000',
    'curl -f http://db:3000/healthz',
    'curl -f http://user:word@localhost:3000',
    'curl -f http://localhost:$PORT',
    ['curl', '-f', 'http://localhost:3000/${X}'],
    'curl -f http://localhost:1 && curl -f http://localhost:2',
    'curl -f http://localhost:1 http://localhost:2',
    'curl -f http://localhost:1 | grep ok',
    'curl -f -H "Token: $TOKEN" http://localhost:1',
    'pg_isready -q',
    '',
    [],
  ])('is left as it is where it does something else: %s', (command) => {
    expect(httpOfCommand(command)).toBeNull();
  });
});
