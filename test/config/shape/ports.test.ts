import { describe, expect, it } from 'vitest';
import type { Failure } from '../../../src/lib/failure.ts';
import { failuresOf, projectFolder } from '../support/project-folder.ts';

async function failures(text: string): Promise<readonly Failure[]> {
  await using folder = await projectFolder({ 'ecosystem.yaml': text });
  const loaded = await folder.load();
  return loaded.ok ? [] : failuresOf(loaded);
}

describe('two apps that want one port', () => {
  it('are an error with both places', async () => {
    const found = await failures(
      [
        'apps:',
        '  - { name: api, script: ./api.js, port: 3001 }',
        '  - name: web',
        '    script: ./api.js',
        '    ports: [{ name: http, port: 3000 }]',
        '    exec_mode: fork',
        '    instances: 2',
      ].join('\n'),
    );
    expect(found).toMatchObject([{ code: 'CONFIG_PORT_CONFLICT', position: { line: 5, column: 33 } }]);
    expect(found[0]?.message).toContain('port 3001 is that of "api" as well: in fork mode each instance');
    expect(found[0]?.details?.join()).toMatch(/ecosystem\.yaml:2:42/);
  });

  it.each([
    [
      'different addresses',
      '[{ name: a, port: 3000, host: 127.0.0.1 }]',
      '[{ name: b, port: 3000, host: "::1" }]',
      '',
    ],
    [
      'one that nobody starts',
      '[{ name: a, port: 3000 }]',
      '[{ name: b, port: 3000 }]',
      ', autostart: false',
    ],
    [
      'both of which share it',
      '[{ name: a, port: 3000, shared: true }]',
      '[{ name: b, port: 3000, shared: true }]',
      '',
    ],
    ['auto', '[{ name: a, port: auto }]', '[{ name: b, port: auto }]', ''],
  ])('are none with %s', async (_what, one, other, more) => {
    const text = `apps:\n  - { name: a, script: ./api.js, ports: ${one} }\n  - { name: b, script: ./api.js, ports: ${other}${more} }`;
    expect(await failures(text)).toEqual([]);
  });

  it('are none where only their variables say it, as in a file of PM2', async () => {
    const text =
      'apps:\n  - { name: a, script: ./api.js, env: { PORT: 3000 } }\n  - { name: b, script: ./api.js, env: { PORT: 3000 } }';
    expect(await failures(text)).toEqual([]);
  });
});

describe('what is no port', () => {
  it.each([
    ['port: atuo', 'port or auto'],
    ['port: 70000', '65535'],
    ['ports: [{ name: Http, port: 1 }]', 'does not have the right form'],
    ['ports: [{ port: 1 }]', 'name is missing'],
    ['ports: [{ name: a, prot: 1, port: 1 }]', 'unknown key'],
    ['ports: { http: 1 }', 'is not a list'],
    ['readiness: { http: { port: Main } }', 'port or name of a port'],
  ])('is an error at its place: %s', async (field, message) => {
    const [failure] = await failures(`apps: [{ script: ./api.js, ${field} }]`);
    expect(failure?.message).toContain(message);
    expect(failure?.position?.line).toBe(1);
  });
});
