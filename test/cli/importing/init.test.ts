import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { describe, expect, it } from 'vitest';
import { createRoom } from '../support/run.ts';

const BUILT = {
  bin: join(resolve(import.meta.dirname, '../../..'), 'dist/bin.cjs'),
  [Symbol.asyncDispose]: () => Promise.resolve(),
};

describe('init', () => {
  it.each([
    {
      what: 'a Node package',
      files: {
        'package.json': '{"scripts":{"start":"node server.js"}}',
        'server.js': 'setInterval(() => {}, 1000);',
      },
    },
    { what: 'a Procfile', files: { Procfile: 'web: A=1 sh run.sh\n', 'run.sh': 'sleep 1000\n' } },
    { what: 'a Python program', files: { 'main.py': 'import time\ntime.sleep(1000)\n' } },
    { what: 'nothing', files: {} },
  ])('writes a file for $what that validates, and whose app starts', async ({ files }) => {
    await using room = await createRoom(BUILT);
    for (const [name, text] of Object.entries(files)) writeFileSync(join(room.cwd, name), text);
    expect(await room.run(['init'])).toMatchObject({ code: 0, stderr: '' });
    expect(await room.run(['validate'])).toMatchObject({ code: 0, stderr: '' });
    const applied = await room.run(['apply']);
    await room.run(['daemon', 'stop', '--all']);
    expect(applied).toMatchObject({ code: 0 });
  });

  it('keeps a declaration that is there, and says what to do with it', async () => {
    await using room = await createRoom(BUILT);
    writeFileSync(join(room.cwd, 'ecosystem.config.js'), 'module.exports = { apps: [] };');
    const refused = await room.run(['ecosystem']);
    expect(refused.code).toBe(1);
    expect(refused.stderr).toContain('stateward import pm2 ecosystem.config.js');
    expect(existsSync(join(room.cwd, 'ecosystem.yaml'))).toBe(false);
    const printed = await room.run(['init', '--print']);
    expect(printed).toMatchObject({ code: 0 });
    expect(printed.stdout).toMatch(/^# yaml-language-server: \$schema=https:/);
    expect(await room.run(['init', '--force'])).toMatchObject({ code: 0 });
    expect(readFileSync(join(room.cwd, 'ecosystem.yaml'), 'utf8')).toContain('apps:');
  });
});
