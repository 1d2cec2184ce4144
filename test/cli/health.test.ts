import { mkdir } from 'node:fs/promises';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { buildCli, type BuiltCli } from './support/build.ts';
import { app } from './support/fixtures.ts';
import { createRoom } from './support/run.ts';

let cli: BuiltCli;
beforeAll(async () => {
  cli = await buildCli();
});
afterAll(() => cli[Symbol.asyncDispose]());

const stopped = { health: 'Stopped', readyInstances: 0, desiredInstances: 0, instances: [] } as const;

it('says the same over the fast path and through the full command', async () => {
  await using room = await createRoom(cli);
  await room.serve({ apps: [app('api'), app('job', { health: 'Completed' }), app('old', stopped)] });
  const healthy = { code: 0, stdout: 'healthy: 3 apps\n', stderr: '' };
  expect(await room.run(['health'])).toEqual(healthy);
  expect(await room.run(['health', '--no-color'])).toEqual(healthy);
});

it('names the first app that is not well, why, and how many more there are', async () => {
  await using room = await createRoom(cli);
  const apps = [
    app('api'),
    app('db', { health: 'Progressing', readyInstances: 0 }),
    app('web', { health: 'Failed', sync: 'OutOfSync' }),
  ];
  await room.serve({ apps });
  for (const flags of [[], ['--no-color']]) {
    const { code, stdout } = await room.run(['health', ...flags]);
    expect(code).toBe(1);
    expect(stdout).toMatch(
      /^not healthy: shop\/db is Progressing and Synced, 0\/\d ready.*; and 1 more app\n$/,
    );
  }
  expect(await room.run(['health', 'api'])).toMatchObject({ code: 0, stdout: 'healthy: 1 app\n' });
});

it('takes an app that is not as it was declared for not healthy, however well it serves', async () => {
  await using room = await createRoom(cli);
  await room.serve({ apps: [app('api', { sync: 'OutOfSync' })] });
  expect(await room.run(['health'])).toMatchObject({ code: 1 });
});

it('ends with 1 and one line where there is no app, no such app, or no daemon', async () => {
  await using room = await createRoom(cli);
  const { home } = room;
  expect(await room.run(['health'])).toMatchObject({
    code: 1,
    stdout: `not healthy: no daemon runs for ${home}\n`,
  });
  await room.serve({ apps: [] });
  expect(await room.run(['health'])).toMatchObject({ code: 1, stdout: 'not healthy: there are no apps\n' });
  const { code, stdout } = await room.run(['health', 'apj']);
  expect(code).toBe(1);
  expect(stdout).toMatch(/^not healthy: .*apj.*\n$/);
});

it('does not wait for a daemon that does not answer', async () => {
  await using room = await createRoom(cli);
  await mkdir(join(room.home, 'run'), { recursive: true, mode: 0o700 });
  const silent = createServer();
  await new Promise<void>((resolve) => silent.listen(join(room.home, 'run', 'api.sock'), resolve));
  expect(await room.run(['health'])).toMatchObject({
    code: 1,
    stdout: `not healthy: the daemon of ${room.home} does not answer\n`,
  });
  silent.close();
});

it('is refused for what it does not know, with 64', async () => {
  await using room = await createRoom(cli);
  expect((await room.run(['health', '--wiat'])).code).toBe(64);
});
