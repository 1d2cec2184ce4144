import { cpSync, existsSync, mkdirSync, readFileSync, readdirSync, statSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { join, resolve } from 'node:path';
import { describe, expect, it } from 'vitest';
import { createRoom, type Room } from '../support/run.ts';

const ROOT = resolve(import.meta.dirname, '../../..');
const BUILT = { bin: join(ROOT, 'dist/bin.cjs'), [Symbol.asyncDispose]: () => Promise.resolve() };
const FIXTURES = join(ROOT, 'test/import/fixtures/pm2');

/** Saves that PM2 runs `server.js` of the room, with a secret. */
function saveDump(room: Room): string {
  const home = join(room.cwd, 'pm2');
  mkdirSync(home);
  writeFileSync(join(room.cwd, 'server.js'), 'setInterval(() => {}, 1000);\n');
  const env = { PATH: '/bin', PM2_USAGE: 'CLI', PORT: 3000, API_TOKEN: 's3cret-value', ZIP: '012' };
  const process = {
    name: 'api',
    pm_exec_path: join(room.cwd, 'server.js'),
    pm_cwd: room.cwd,
    exec_interpreter: 'node',
    env,
  };
  writeFileSync(join(home, 'dump.pm2'), JSON.stringify([process]));
  return home;
}

function configIn(room: Room): void {
  cpSync(join(FIXTURES, 'ecosystem.config.js'), join(room.cwd, 'ecosystem.config.js'));
  mkdirSync(join(room.cwd, 'jobs'));
  for (const name of ['server.js', 'jobs/nightly.js', 'jobs/other.js'])
    writeFileSync(join(room.cwd, name), '\n');
}

describe('import pm2', () => {
  it('reads what PM2 has saved, without starting PM2, and writes a file that validates and plans', async () => {
    await using room = await createRoom(BUILT);
    const home = saveDump(room);
    const ran = await room.run(['import', 'pm2'], { env: { PM2_HOME: home } });
    expect(ran).toMatchObject({ code: 0, stderr: '' });
    expect(ran.stdout).toContain(
      'pm2 stop api && stateward apply -f ecosystem.yaml --only api && pm2 delete api',
    );
    expect(ran.stdout).not.toContain('s3cret-value');
    expect(readdirSync(home)).toEqual(['dump.pm2']);
    const secrets = join(room.cwd, '.env.stateward.api');
    expect(statSync(secrets).mode & 0o777).toBe(0o600);
    expect(readFileSync(secrets, 'utf8')).toContain('API_TOKEN=s3cret-value');
    expect(readFileSync(join(room.cwd, 'ecosystem.yaml'), 'utf8')).not.toContain('s3cret-value');
    expect(await room.run(['validate', '-f', 'ecosystem.yaml'])).toMatchObject({ code: 0 });
    const plan = await room.run(['plan', '-f', 'ecosystem.yaml']);
    expect(plan.stdout).toContain('Plan: 1 to create');
  });

  it('asks a PM2 that runs by its own command, and says so where there is none', async () => {
    await using room = await createRoom(BUILT);
    const home = saveDump(room);
    const server = createServer().listen(join(home, 'rpc.sock'));
    const bin = join(room.cwd, 'bin');
    mkdirSync(bin);
    const none = await room.run(['import', 'pm2'], { env: { PM2_HOME: home, PATH: bin } });
    expect(none.code).toBe(1);
    expect(none.stderr).toContain('there is no pm2 on PATH');
    const answer = readFileSync(join(home, 'dump.pm2'), 'utf8').replace('"api"', '"asked"');
    writeFileSync(
      join(bin, 'pm2'),
      `#!/bin/sh\n[ "$1" = jlist ] && echo '[PM2] note' && echo '${answer}'\n`,
      { mode: 0o755 },
    );
    const env = { PM2_HOME: home, PATH: `${bin}:${process.env['PATH'] ?? ''}` };
    const ran = await room.run(['import', 'pm2', '-o', '-'], { env });
    server.close();
    expect(ran.code).toBe(0);
    expect(ran.stdout).toContain('- name: asked');
  });

  it('never replaces a file without --force, and then writes nothing at all', async () => {
    await using room = await createRoom(BUILT);
    const env = { PM2_HOME: saveDump(room) };
    writeFileSync(join(room.cwd, 'ecosystem.yaml'), 'mine\n');
    const refused = await room.run(['import', 'pm2'], { env });
    expect(refused.code).toBe(1);
    expect(refused.stderr).toContain('ecosystem.yaml: already there');
    expect(readFileSync(join(room.cwd, 'ecosystem.yaml'), 'utf8')).toBe('mine\n');
    expect(existsSync(join(room.cwd, '.env.stateward.api'))).toBe(false);
    expect(await room.run(['import', 'pm2', '--force'], { env })).toMatchObject({ code: 0 });
  });

  it('writes the secrets of equal apps in one folder to files of their own, one for each ecosystem file', async () => {
    await using room = await createRoom(BUILT);
    const env = { PM2_HOME: saveDump(room) };
    expect(await room.run(['import', 'pm2'], { env })).toMatchObject({ code: 0 });
    const second = await room.run(['import', 'pm2', '-o', 'shop.yaml'], { env });
    expect(second).toMatchObject({ code: 0, stderr: '' });
    expect(readFileSync(join(room.cwd, 'shop.yaml'), 'utf8')).toContain('env_file: .env.stateward.shop.api');
    expect(existsSync(join(room.cwd, '.env.stateward.api'))).toBe(true);
    expect(existsSync(join(room.cwd, '.env.stateward.shop.api'))).toBe(true);
    const third = await room.run(['import', 'pm2', '-o', 'shop.yaml'], { env });
    expect(third.code).toBe(1);
    expect(third.stderr).toContain('.env.stateward.shop.api');
    expect(third.stderr).toContain('-o FILE writes another file');
  });

  it('prints the file alone to standard output with -o -, and no secret', async () => {
    await using room = await createRoom(BUILT);
    const ran = await room.run(['import', 'pm2', '-', '-o', '-'], {
      input: readFileSync(join(FIXTURES, 'jlist.json'), 'utf8'),
    });
    expect(ran.code).toBe(0);
    expect(ran.stdout).toMatch(/^# yaml-language-server: \$schema=/);
    expect(ran.stdout).not.toContain('pm2 stop');
    expect(ran.stdout + ran.stderr).not.toContain('s3cret');
    expect(ran.stderr).toContain('secrets are never printed');
  });

  it('takes a configuration, whose environments stay, or become one with --env', async () => {
    await using room = await createRoom(BUILT);
    configIn(room);
    const ran = await room.run(['import', 'pm2', 'ecosystem.config.js']);
    expect(ran).toMatchObject({ code: 0 });
    expect(statSync(join(room.cwd, 'ecosystem.yaml')).mode & 0o777).toBe(0o600);
    const text = readFileSync(join(room.cwd, 'ecosystem.yaml'), 'utf8').replace(/^# Imported.*\n/m, '');
    await expect(text.replace(/^project: .*$/m, 'project: room')).toMatchFileSnapshot(
      'golden/pm2-config.yaml',
    );
    expect(await room.run(['validate', '-f', 'ecosystem.yaml'])).toMatchObject({ code: 0 });
    const production = await room.run([
      'import',
      'pm2',
      'ecosystem.config.js',
      '--env',
      'production',
      '--force',
    ]);
    expect(production).toMatchObject({ code: 0 });
    expect(readFileSync(join(room.cwd, '.env.stateward.web'), 'utf8')).toContain(
      'STRIPE_KEY=sk_live_123456789012',
    );
    expect(readFileSync(join(room.cwd, 'ecosystem.yaml'), 'utf8')).toContain('NODE_ENV: production');
    const unknown = await room.run(['import', 'pm2', 'ecosystem.config.js', '--env', 'prod', '--force']);
    expect(unknown.code).toBe(65);
    expect(unknown.stderr).toContain('it has production');
  });

  it('moves relative paths along when the file goes to another folder', async () => {
    await using room = await createRoom(BUILT);
    configIn(room);
    mkdirSync(join(room.cwd, 'deploy'));
    const ran = await room.run(['import', 'pm2', 'ecosystem.config.js', '-o', 'deploy/ecosystem.yaml']);
    expect(ran).toMatchObject({ code: 0 });
    expect(await room.run(['validate', '-f', 'deploy/ecosystem.yaml'])).toMatchObject({ code: 0 });
  });

  it('says the place of a mistake, and what there is to import', async () => {
    await using room = await createRoom(BUILT);
    writeFileSync(join(room.cwd, 'jlist.json'), '[{"pm_exec_path": "/a.js",\n "name" 1}]');
    const broken = await room.run(['import', 'pm2', 'jlist.json']);
    expect(broken.code).toBe(65);
    expect(broken.stderr).toContain('jlist.json:2:9');
    writeFileSync(join(room.cwd, 'pm2.config.js'), 'module.exports = { apps: [] };');
    const nothing = await room.run(['import', 'pm2']);
    expect(nothing.code).toBe(1);
    expect(nothing.stderr).toContain('stateward import pm2 pm2.config.js');
  });
});
