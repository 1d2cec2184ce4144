import { describe, expect, it } from 'vitest';
import type { Failure } from '../../../src/lib/failure.ts';
import { appsOf, failuresOf, projectFolder, warningsOf } from '../support/project-folder.ts';

async function failures(text: string): Promise<readonly Failure[]> {
  await using folder = await projectFolder({ 'ecosystem.yaml': text });
  const loaded = await folder.load();
  return loaded.ok ? [] : failuresOf(loaded);
}

const app = (sockets: string, more = ''): string =>
  `apps:\n  - name: api\n    script: ./api.js\n    sockets: ${sockets}\n${more}`;

describe('a socket that says no place to listen on is told with its place in the file', () => {
  it.each([
    ['udp://0.0.0.0:53', /datagram \(UDP\) sockets are not passed/],
    ['53/udp', /datagram \(UDP\)/],
    ['run/api.sock', /is no place to listen on/],
    ['api.example.org:80', /names a host: an IP address/],
    ['tcp:80', /has a scheme|names a host/],
    ['256.1.1.1:80', /is no place to listen on/],
  ])('%s', async (listen, message) => {
    const found = await failures(app(`[{ name: web, listen: ${JSON.stringify(listen)} }]`));
    expect(found[0]?.position).toMatchObject({ line: 4 });
    expect(found.map((failure) => failure.message).join()).toMatch(message);
  });
});

describe('sockets of an app', () => {
  it.each([
    [
      '[{ name: web, listen: 8080 }, { name: web, listen: 8081 }]',
      'another socket of the app is called "web"',
    ],
    [
      '[{ name: web, listen: 8080 }, { name: b, listen: "127.0.0.1:8080" }]',
      'listens on 127.0.0.1:8080 already',
    ],
    ['[{ name: web, listen: { path: ./a.sock, mode: "0999" } }]', 'these are not three octal digits'],
    ['[{ name: web, listen: { path: "@web" } }]', 'abstract sockets (@) are not passed'],
    [
      '[{ name: web, listen: { path: ./a.sock, user: no-such-user } }]',
      'this host has no user "no-such-user"',
    ],
    ['[{ name: web, listen: { path: ./a.sock, group: no-such-group } }]', 'this host has no group'],
    ['[8080]', 'sockets[0] (app "api"): 8080 is not a map'],
    ['[{ name: "a:b", listen: 8080 }]', 'name'],
    ['[{ name: web }]', 'listen'],
    ['[{ name: web, listen: 8080, protocol: udp }]', 'protocol'],
    ['[{ name: web, listen: 8080 }]\n    port: 8080', 'is the port main of the app as well'],
    ['[{ name: web, listen: 8080 }]\n    env: { "a.b": x }', '"a.b" would be lost'],
  ])('%s is an error', async (sockets, message) => {
    const found = await failures(app(sockets));
    expect(found.map((failure) => failure.message).join('\n')).toContain(message);
  });

  it.each(['0660', '660', '0o660', '"0660"', '"0o660"', '"660"'])(
    'have the mode 0660 where the file says %s',
    async (mode) => {
      await using folder = await projectFolder({
        'ecosystem.yaml': app(`[{ name: web, listen: { path: ./a.sock, mode: ${mode} } }]`),
      });
      expect(appsOf(await folder.load())[0]?.sockets).toMatchObject([{ mode: '0660' }]);
    },
  );

  it('that two apps want are an error with both places', async () => {
    const found = await failures(
      app(
        '[{ name: web, listen: 8080 }]',
        '  - { name: b, script: ./api.js, sockets: [{ name: web, listen: "0.0.0.0:8080" }] }',
      ),
    );
    expect(found).toMatchObject([{ code: 'CONFIG_PORT_CONFLICT', position: { line: 5 } }]);
    expect(found[0]?.details?.join()).toMatch(/ecosystem\.yaml:4:/);
  });

  it('with a probe of the same port, which any process answers, are warned of', async () => {
    await using folder = await projectFolder({
      'ecosystem.yaml': app('[{ name: web, listen: 8080 }]', '    readiness: { http: { port: 8080 } }\n'),
      'api.js': '',
    });
    expect(
      warningsOf(await folder.load())
        .map(({ message }) => message)
        .join(),
    ).toContain('any process of the app answers');
  });
});
