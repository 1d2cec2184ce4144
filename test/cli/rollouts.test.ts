import { once } from 'node:events';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { AppStatus } from '../../src/api/contract/wire/apps.ts';
import { buildCli } from './support/build.ts';
import type { BuiltCli } from './support/build.ts';
import type { Canned } from './support/canned.ts';
import { PROGRESSING, app, appList } from './support/fixtures.ts';
import { createRoom } from './support/run.ts';
import type { Room } from './support/run.ts';

let cli: BuiltCli;
beforeAll(async () => {
  cli = await buildCli();
});
afterAll(() => cli[Symbol.asyncDispose]());

const target = { app: 'shop/web', generation: 3, gone: false, revision: 42 } as const;
const failure = { reason: 'Exited', message: 'slot 0 exited with code 1 after 0.2s', slot: 0 } as const;
const underWay: Partial<AppStatus> = { health: 'Progressing', sync: 'OutOfSync', rollout: PROGRESSING };
const rolledBack: Partial<AppStatus> = {
  ...{ generation: 4, observedGeneration: 4, assessedGeneration: 4, revision: 41 },
  rollout: { ...PROGRESSING, ...failure, state: 'failed', updatedInstances: 0 },
};
const paused: Partial<AppStatus> = {
  ...{ health: 'Suspended', sync: 'OutOfSync' },
  rollout: { ...PROGRESSING, ...failure, state: 'paused', pausedBy: 'stateward' },
};

async function shop(canned: Partial<Canned>): Promise<Room & { readonly requests: unknown[] }> {
  const room = await createRoom(cli);
  const requests: unknown[] = [];
  await room.serve({
    targets: [target],
    logs: [
      { app: 'shop/web', slot: 0, stream: 'err', line: 'Error: no such table' },
      { app: 'shop/web', slot: 1, stream: 'out', line: 'still serving' },
    ],
    ...canned,
    onRequest: (request) => requests.push(request),
  });
  return { ...room, requests, [Symbol.asyncDispose]: () => room[Symbol.asyncDispose]() };
}

describe('the verbs of rollouts', () => {
  it.each([
    [['reload', 'web'], { verb: 'reload', selectors: ['web'], command: 'reload web' }],
    [['restart', 'web', '--now'], { verb: 'restart', now: true, command: 'restart web --now' }],
    [['restart', 'web'], { verb: 'restart', command: 'restart web' }],
    [['gracefulReload', 'web'], { verb: 'reload', command: 'reload web' }],
    [
      ['rollout', 'pause', 'web'],
      { verb: 'rollout-pause', selectors: ['web'], command: 'rollout pause web' },
    ],
    [['rollout', 'resume', 'shop/web'], { verb: 'rollout-resume', command: 'rollout resume shop/web' }],
  ])('%j sends what it says', async (args, request) => {
    await using room = await shop({ apps: [app('web')] });
    expect((await room.run(args)).code).toBe(0);
    expect(room.requests).toMatchObject([request]);
    expect(JSON.stringify(room.requests)).toContain(args.includes('--now') ? '"now":true' : '"verb"');
  });

  it.each([
    [['reload'], 'name an app, or all'],
    [['rollout', 'pause'], 'name an app, or all'],
    [['rollout', 'stauts'], 'did you mean stateward rollout status?'],
    [['backward', 'web'], 'stateward rollback APP'],
    [['reload', 'web', '--now'], 'unknown flag --now'],
  ])('%j exits 64 and says what is wrong', async (args, text) => {
    await using room = await createRoom(cli);
    const ran = await room.run(args);
    expect(ran).toMatchObject({ code: 64, stdout: '' });
    expect(ran.stderr).toContain(text);
  });
});

describe('waiting for a rollout', () => {
  it('tells how far it is, a line a step', async () => {
    const at = (updatedInstances: number) =>
      app('web', { ...underWay, rollout: { ...PROGRESSING, updatedInstances } });
    const watch = [at(1), at(1), at(2), app('web')].map((one) => appList(one));
    await using room = await shop({ apps: [at(0)], watch });
    const ran = await room.run(['reload', 'web']);
    expect(ran).toMatchObject({ code: 0 });
    expect(ran.stderr).toBe(
      [
        '… shop/web  0 of 4 updated',
        '… shop/web  1 of 4 updated',
        '… shop/web  2 of 4 updated',
        '✓ shop/web  Healthy, 1/1 ready',
        '',
      ].join('\n'),
    );
  });

  it('exits 3 when it failed, with the reason, the log and what is there now', async () => {
    await using room = await shop({ apps: [app('web', rolledBack)] });
    const ran = await room.run(['reload', 'web']);
    expect(ran.code).toBe(3);
    expect(ran.stderr).toBe(
      [
        '✗ shop/web  rollout failed (back on revision 41, 1/1 ready)',
        'error[ROLLOUT_FAILED]: the rollout of shop/web failed: slot 0 exited with code 1 after 0.2s',
        '    err | Error: no such table',
        '  shop/web is now back on revision 41, 1/1 ready',
        '  help: stateward logs shop/web shows more; what was mended is tried again by the next apply',
        '',
      ].join('\n'),
    );
    const json = await room.run(['reload', 'web', '-o', 'json']);
    expect(json.code).toBe(3);
    expect(JSON.parse(json.stdout)).toMatchObject({ error: { code: 'ROLLOUT_FAILED' } });
  });

  it('shows what the process that failed wrote, in its order, and not what others wrote to the log', async () => {
    const logLines = [
      { stream: 'err', line: 'Error: boom' },
      { stream: 'out', line: 'bye' },
    ] as const;
    const rollout = { ...PROGRESSING, ...failure, state: 'failed', updatedInstances: 0, logLines } as const;
    await using room = await shop({ apps: [app('web', { ...rolledBack, rollout })] });
    const ran = await room.run(['reload', 'web']);
    expect(ran.code).toBe(3);
    expect(ran.stderr).toContain('    err | Error: boom\n    out | bye\n  shop/web is now back');
    expect(ran.stderr).not.toContain('no such table');
    const status = await room.run(['rollout', 'status', '-o', 'json']);
    expect(JSON.parse(status.stdout)).toMatchObject({ items: [{ app: 'shop/web', logLines }] });
  });

  it('exits 3 when it waits for somebody to decide, with what there is to decide', async () => {
    await using room = await shop({ apps: [app('web', paused)] });
    const ran = await room.run(['reload', 'web']);
    expect(ran.code).toBe(3);
    expect(ran.stderr).toContain('  shop/web is now paused: 1 of 4 updated\n');
    expect(ran.stderr).toContain(
      'stateward rollout resume shop/web tries on; stateward rollback shop/web goes back',
    );
  });

  it('exits 1 when another app has failed for good beside it, and tells of both', async () => {
    const targets = [target, { app: 'shop/db', generation: 3, gone: false } as const];
    await using room = await shop({
      targets,
      apps: [app('web', rolledBack), app('db', { health: 'CrashLoop' })],
    });
    const ran = await room.run(['reload', 'all']);
    expect(ran.code).toBe(1);
    expect(ran.stderr).toContain('error[APP_FAILED]: shop/db failed');
    expect(ran.stderr).toContain('error[ROLLOUT_FAILED]: the rollout of shop/web failed');
  });

  it('exits 3 and not 4 when time is over before the version before is back', async () => {
    const going = app('web', {
      ...rolledBack,
      readyInstances: 0,
      observedGeneration: 3,
      health: 'Progressing',
    });
    await using room = await shop({ apps: [going] });
    const ran = await room.run(['reload', 'web', '--timeout', '5s']);
    expect(ran.code).toBe(3);
    expect(ran.stderr).toContain('going back to revision 41, 0/1 ready');
  });

  it('exits 1 when somebody else has asked for something else, and says who', async () => {
    const newer = {
      ...{ project: 'shop', revision: 43, hash: 'h', at: '2026-01-01T11:59:00.000Z', by: 'bob' },
      ...{ command: 'apply -f b.yaml', changes: [] },
      summary: {} as never,
    };
    await using room = await shop({
      apps: [app('web', { generation: 4, revision: 43 })],
      revisions: [newer],
    });
    const ran = await room.run(['reload', 'web']);
    expect(ran.code).toBe(1);
    expect(ran.stderr).toContain(
      'error[SUPERSEDED]: shop/web was superseded by revision 43 (apply by bob) before it was as asked for\n',
    );
  });

  it('says at Ctrl-C how to follow it', async () => {
    await using room = await shop({ apps: [app('web', underWay)] });
    const child = room.spawn(['reload', 'web']);
    let stderr = '';
    child.stderr.setEncoding('utf8').on('data', (chunk: string) => (stderr += chunk));
    await once(child.stderr, 'data');
    child.kill('SIGINT');
    const [code] = (await once(child, 'close')) as [number];
    expect(code).toBe(130);
    expect(stderr).toContain(
      'interrupted: the daemon goes on with the rollout\n  follow:   stateward rollout status shop/web -w\n',
    );
  });
});

describe('rollout status', () => {
  it('shows a line for each app that has, or had, a rollout', async () => {
    await using room = await shop({ apps: [app('web', paused), app('db')] });
    const ran = await room.run(['rollout', 'status']);
    expect(ran).toMatchObject({ code: 0, stderr: '' });
    expect(ran.stdout.replace(/ +\d+\w ago/, ' AGO')).toBe(
      [
        'APP       STATE   REVISION  UPDATED  SINCE     PAUSED BY  FAILURE',
        'shop/web  paused  42        1/4 AGO  stateward  slot 0 exited with code 1 after 0.2s',
        '',
      ].join('\n'),
    );
    const json = await room.run(['rollout', 'status', 'web', '-o', 'json']);
    expect(JSON.parse(json.stdout)).toEqual({
      ...{ apiVersion: 'v1', kind: 'RolloutList' },
      items: [{ app: 'shop/web', ...paused.rollout }],
    });
    expect((await room.run(['rollout', 'status', 'web', '-o', 'yaml'])).stdout).toContain('app: shop/web\n');
    expect((await room.run(['rollout', 'status', 'db'])).stderr).toBe('no rollouts\n');
    expect((await room.run(['rollout', 'status', 'nope'])).code).toBe(1);
  });

  it('waits with -w until it has ended', async () => {
    const done = app('web', { rollout: { ...PROGRESSING, state: 'succeeded', updatedInstances: 4 } });
    await using room = await shop({ apps: [app('web', underWay)], watch: [appList(done)] });
    expect(await room.run(['rollout', 'status', 'web', '-w'])).toMatchObject({ code: 0 });
    expect((await room.run(['rollout', 'status', 'web'])).code).toBe(0);
    await using slow = await shop({ apps: [app('web', underWay)] });
    expect((await slow.run(['rollout', 'status', '-w', '--timeout', '200ms'])).code).toBe(4);
  });

  it('waits with -w for a first version too, which takes the place of nothing', async () => {
    const first = app('web', { health: 'Progressing', sync: 'OutOfSync', readyInstances: 0 });
    await using room = await shop({ apps: [first], watch: [appList(app('web'))] });
    const ran = await room.run(['rollout', 'status', 'web', '-w']);
    expect(ran).toMatchObject({ code: 0, stderr: expect.stringContaining('✓ shop/web') as string });
    await using slow = await shop({ apps: [first] });
    expect((await slow.run(['rollout', 'status', '-w', '--timeout', '200ms'])).code).toBe(4);
    await using up = await shop({ apps: [app('web')] });
    expect(await up.run(['rollout', 'status', '-w'])).toMatchObject({ code: 0, stderr: '' });
  });

  it('exits 3 with -w when it has failed, also before', async () => {
    await using room = await shop({ apps: [app('web', rolledBack)] });
    expect((await room.run(['rollout', 'status', 'web', '--wait'])).code).toBe(3);
    expect((await room.run(['rollout', 'status', 'web'])).code).toBe(0);
  });
});
