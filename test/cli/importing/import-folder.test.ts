import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { createRoom } from '../support/run.ts';

const BUILT = {
  bin: join(resolve(import.meta.dirname, '../../..'), 'dist/bin.cjs'),
  [Symbol.asyncDispose]: () => Promise.resolve(),
};

interface Written {
  readonly apps: readonly { readonly cwd?: string; readonly env_file?: string }[];
}

describe('an import into another folder', () => {
  it.each<[string, string, string, { readonly cwd?: string; readonly env_file?: string }]>([
    ['procfile', 'Procfile', 'web: sh run.sh\n', { cwd: '../old', env_file: '../old/.env' }],
    [
      'process-compose',
      'pc.yaml',
      'processes: { a: { entrypoint: [sh, run.sh], env_file: .env, working_dir: sub } }\n',
      { cwd: '../old/sub', env_file: '../old/.env' },
    ],
    [
      'compose',
      'compose.yaml',
      'services: { a: { command: sh /x, env_file: .env } }\n',
      { env_file: '../old/.env' },
    ],
    [
      'supervisor',
      'a.conf',
      '[program:a]\ncommand=sh run.sh\ndirectory=%(here)s/sub\n',
      { cwd: '../old/sub' },
    ],
    ['systemd', 'a.service', '[Service]\nExecStart=/bin/sh -c x\nUser=root\n', { cwd: '/' }],
  ])('of %s starts what is relative where it was', async (tool, name, text, expected) => {
    await using room = await createRoom(BUILT);
    for (const folder of ['old', 'old/sub', 'new']) mkdirSync(join(room.cwd, folder));
    for (const folder of ['old', 'old/sub']) writeFileSync(join(room.cwd, folder, 'run.sh'), 'sleep 1000\n');
    writeFileSync(join(room.cwd, 'old/.env'), 'A=1\n');
    writeFileSync(join(room.cwd, 'old', name), text);
    expect(await room.run(['import', tool, `old/${name}`, '-o', 'new/ecosystem.yaml'])).toMatchObject({
      code: 0,
    });
    const { apps } = parse(readFileSync(join(room.cwd, 'new/ecosystem.yaml'), 'utf8')) as Written;
    expect(apps[0]).toMatchObject(expected);
    if (expected.cwd === undefined) expect(apps[0]?.cwd).toBeUndefined();
    expect(await room.run(['validate', '-f', 'new/ecosystem.yaml'])).toMatchObject({ code: 0 });
    expect(await room.run(['import', tool, `old/${name}`, '-o', 'old/ecosystem.yaml'])).toMatchObject({
      code: 0,
    });
    expect(readFileSync(join(room.cwd, 'old/ecosystem.yaml'), 'utf8')).not.toContain('../');
  });
});
