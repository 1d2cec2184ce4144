import { mkdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { describe, expect, it } from 'vitest';
import { createRoom } from '../support/run.ts';

const BUILT = {
  bin: join(resolve(import.meta.dirname, '../../..'), 'dist/bin.cjs'),
  [Symbol.asyncDispose]: () => Promise.resolve(),
};

const CONFIG = `module.exports = {
  apps: [
    { name: 'a', script: './s.js', env_file: '.env', env: { TEXT: '\${X} $$ 1.10' }, exec_mode: 'fork' },
    { name: 'job', script: 'echo \${HOME} && sleep 1', schedule: '0 1 * * *' },
    { name: 'c', script: './s.js', instances: 2, kill_timeout: 1500, readiness: { exec: { command: ['sh', '-c', 'true'] } } },
  ],
};
`;

describe('export', () => {
  it('writes a file that changes nothing, with a daemon and without, and prints no secret', async () => {
    await using room = await createRoom(BUILT);
    const folder = join(room.cwd, 'shop');
    mkdirSync(folder);
    writeFileSync(join(folder, 's.js'), 'setInterval(() => {}, 1000);\n');
    writeFileSync(join(folder, '.env'), 'API_TOKEN="s3cret \'value\'"\nPLAIN=1\n');
    writeFileSync(join(folder, 'ecosystem.config.js'), CONFIG);
    expect(await room.run(['apply', '-f', 'shop/ecosystem.config.js'])).toMatchObject({ code: 0 });
    const printed = await room.run(['export']);
    expect(printed.code).toBe(0);
    expect(printed.stdout).toContain('env_file: .env.stateward.a');
    expect(printed.stdout).toContain('declared in');
    expect(printed.stdout + printed.stderr).not.toContain('s3cret');
    const whole = await room.run(['export', 'shop', '--show-secrets']);
    expect(whole.stdout).toContain("s3cret 'value'");
    const plan = await room.run(['plan', '-f', '-', '--detailed-exitcode'], { input: whole.stdout });
    expect(plan).toMatchObject({ code: 0 });
    expect(await room.run(['daemon', 'stop'])).toMatchObject({ code: 0 });
    const offline = await room.run(['export', '-o', 'copy.yaml']);
    expect(offline).toMatchObject({ code: 0 });
    expect(statSync(join(room.cwd, '.env.stateward.copy.a')).mode & 0o777).toBe(0o600);
    expect(readFileSync(join(room.cwd, 'copy.yaml'), 'utf8')).not.toContain('s3cret');
    const again = await room.run(['plan', '-f', 'copy.yaml', '--detailed-exitcode']);
    expect(again).toMatchObject({ code: 0 });
    expect(again.stdout).toContain('No changes');
    expect(await room.run(['export', '-o', 'copy.yaml'])).toMatchObject({ code: 1 });
    await room.run(['daemon', 'start']);
    await room.run(['daemon', 'stop', '--all']);
  });

  it('says which projects there are, and what to do where there is none', async () => {
    await using room = await createRoom(BUILT);
    const none = await room.run(['export']);
    expect(none.code).toBe(1);
    expect(none.stderr).toContain('no app is desired here');
  });
});
