import { randomBytes } from 'node:crypto';
import { chmodSync, existsSync, readdirSync, readFileSync, renameSync, rmSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { eventually } from '../../support/eventually.ts';
import { Host } from '../../support/host.ts';

const value = (): string => `Rot${randomBytes(9).toString('hex')}`;
/** Writes down that it was asked to read again. */
const SHOW = `process.on('SIGHUP', () => require('node:fs').appendFileSync(process.env.STATEWARD_APP + '.hup', 'x'));
setInterval(() => undefined, 1e6);
`;

let host: Host;
let first: string;

/** What the environment of a process has. */
function environ(pid: number | null | undefined, name: string): string | undefined {
  const all = readFileSync(`/proc/${pid ?? 0}/environ`, 'utf8').split('\0');
  return all.find((entry) => entry.startsWith(`${name}=`))?.slice(name.length + 1);
}

async function pidOf(app: string): Promise<number | null | undefined> {
  return (await host.pids())[app]?.[0];
}

function homeHolds(text: string): readonly string[] {
  return readdirSync(host.home, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name))
    .filter((path) => readFileSync(path, 'utf8').includes(text));
}

beforeAll(async () => {
  host = new Host();
  host.write('app.js', SHOW);
  first = value();
  host.write('secrets/db', `${first}\n`);
  const common = { script: './app.js', min_uptime: 0 };
  host.declare(
    { ...common, name: 'api', env: { DB: { from_file: './secrets/db' }, OTHER: 'plain' } },
    {
      ...common,
      name: 'reader',
      env: { DB: { from_file: './secrets/db' } },
      reload: { signal: 'HUP', on_change: 'secrets' },
    },
    { ...common, name: 'web', env: { DB: { from_file: './secrets/web', optional: true } } },
    { ...common, name: 'vault', env: { DB: { from_exec: ['./vault'] }, LEVEL: 'one' } },
  );
  host.write('vault', '#!/bin/sh\ntest ! -e sealed && echo from-the-vault-1\n');
  chmodSync(join(host.folder, 'vault'), 0o755);
  await host.ok('apply');
});
afterAll(async () => host[Symbol.asyncDispose]());

describe('a variable that is read from a file', () => {
  it('is in the environment of the process, and of what it is nothing is kept', async () => {
    expect(environ(await pidOf('api'), 'DB')).toBe(first);
    expect(environ(await pidOf('web'), 'DB')).toBeUndefined();
    expect(homeHolds(first)).toEqual([]);
    expect(statSync(join(host.home, 'secret.key')).mode & 0o777).toBe(0o600);
    expect((await host.ok('apply')).text).toContain('0 processes touched');
  });

  it('rolls exactly its consumers when it is rotated, and reloads those that read it again', async () => {
    const [api, reader, web] = [await pidOf('api'), await pidOf('reader'), await pidOf('web')];
    const second = value();
    host.write('secrets/db', second);
    const { stdout } = await host.ok('plan');
    expect(stdout).toMatch(/± api +roll +env\.DB rotated \(from_file .*secrets\/db\)/);
    expect(stdout).toMatch(/~ reader +reload +env\.DB rotated/);
    expect(stdout).toContain('1 process touched, 3 not');
    const diff = await host.run(['diff']);
    expect(diff.code).toBe(1);
    expect(diff.stdout).toMatch(/declared\/shop\/api\n[^]*\n\+# env\.DB rotated \(from_file .*secrets\/db\)/);
    expect(diff.stdout).toMatch(/declared\/shop\/reader\n[^]*\n\+# env\.DB rotated/);
    expect(diff.text).not.toContain('shop/web');
    const { items } = await host.apps();
    const conditions = items.find(({ name }) => name === 'api')?.status.conditions ?? [];
    expect(conditions.map(({ reason }) => reason)).toContain('SecretNewer');
    await host.ok('apply');
    expect(await pidOf('api')).not.toBe(api);
    expect(environ(await pidOf('api'), 'DB')).toBe(second);
    expect([await pidOf('reader'), await pidOf('web')]).toEqual([reader, web]);
    await eventually(() => existsSync(join(host.folder, 'reader.hup')));
    expect(['api', 'web', 'vault'].filter((name) => existsSync(join(host.folder, `${name}.hup`)))).toEqual(
      [],
    );
    expect((await host.ok('why', 'api')).stdout).toContain('because: secret: env.DB rotated');
    expect((await host.ok('apply')).text).toContain('0 processes touched');
    expect(homeHolds(second)).toEqual([]);
  });

  it('outlives the controller and the runner, which find the processes again and compare as before', async () => {
    const before = await host.pids();
    const { controller, runner } = await host.daemon();
    for (const pid of [runner?.pid, controller?.pid]) process.kill(pid ?? 0, 'SIGKILL');
    await eventually(async () => (await host.run(['apply'])).text.includes('0 processes touched'));
    expect(await host.pids()).toEqual(before);
    host.write('secrets/db', value());
    expect((await host.ok('plan')).stdout).toMatch(/± api +roll +env\.DB rotated/);
    await host.ok('apply');
  });

  it('that cannot be read refuses the start, says the way out, and the old process stays', async () => {
    const api = await pidOf('api');
    renameSync(join(host.folder, 'secrets/db'), join(host.folder, 'secrets/gone'));
    const valid = await host.run(['validate']);
    expect(valid.code).toBe(65);
    expect(valid.text).toContain('there is no file');
    const restarted = await host.run(['restart', 'api', '--timeout', '10s']);
    expect(restarted.code).toBe(3);
    expect(restarted.text).toMatch(
      /could not be started: DB: there is no file .*secrets\/db: write the secret there/,
    );
    expect(await pidOf('api')).toBe(api);
    expect(environ(api, 'DB')).toBeDefined();
    const why = (await host.ok('why', 'api')).stdout;
    expect(why).toMatch(/there is no file .*secrets\/db: write the secret there/);
    renameSync(join(host.folder, 'secrets/gone'), join(host.folder, 'secrets/db'));
    await host.ok('restart', 'api');
    expect(await pidOf('api')).not.toBe(api);
  });

  it('that cannot be read ends no process in a rollout, which goes back and says why', async () => {
    const vault = await pidOf('vault');
    const file = join(host.folder, 'ecosystem.yaml');
    const before = readFileSync(file, 'utf8');
    host.write('sealed', '');
    host.write('ecosystem.yaml', before.replace('LEVEL: one', 'LEVEL: two'));
    const rolled = await host.run(['apply', '--timeout', '20s']);
    expect(rolled.code).toBe(3);
    expect(rolled.text).toMatch(/DB \(from_exec \.\/vault\): \.\/vault ended with code 1: run it by hand/);
    expect(await pidOf('vault')).toBe(vault);
    expect([environ(vault, 'DB'), environ(vault, 'LEVEL')]).toEqual(['from-the-vault-1', 'one']);
    rmSync(join(host.folder, 'sealed'));
    await host.ok('apply');
    expect(environ(await pidOf('vault'), 'LEVEL')).toBe('two');
  });
});
