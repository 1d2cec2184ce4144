import { describe, expect, it } from 'vitest';
import type { DriftInfo } from '../../../../src/api/contract/wire/drift/drift.ts';
import { createStyle } from '../../../../src/cli/views/text/terminal.ts';
import { renderAppNames, renderApps } from '../../../../src/cli/views/apps/app-table.ts';
import { formatIds } from '../../../../src/cli/views/apps/cells.ts';
import { NOW_MS, app, appList, instance } from '../../support/fixtures.ts';

const list = appList(
  app('api', {
    desiredInstances: 2,
    readyInstances: 1,
    health: 'Progressing',
    sync: 'OutOfSync',
    instances: [
      instance({ id: 0, slot: 0, restarts: 1 }),
      instance({
        id: 1,
        slot: 1,
        pid: null,
        state: 'waiting',
        ready: false,
        restarts: 3,
        cpuPercent: null,
        memoryBytes: null,
      }),
    ],
  }),
  app('worker', { health: 'Stopped', desiredInstances: 0, readyInstances: 0, instances: [] }),
);
const plain = { style: createStyle(false), nowMs: NOW_MS, noHeaders: false, wide: false };

describe('the table of get', () => {
  it('has one line an app, with sums over its instances', () => {
    expect(renderApps(list, plain)).toBe(
      [
        'ID   NAME    SYNC       HEALTH       READY  RESTARTS  CPU   MEM  UPTIME',
        '0-1  api     OutOfSync  Progressing  1/2    4         0.3%  45M  60m',
        '-    worker  Synced     Stopped      0/0    0         -     -    -',
        '',
      ].join('\n'),
    );
  });

  it('shows SYNC only where something is not synced, but for programs', () => {
    const synced = appList(app('api'));
    expect(renderApps(synced, plain)).toBe(
      'ID  NAME  HEALTH   READY  RESTARTS  CPU   MEM  UPTIME\n' +
        '0   api   Healthy  1/1    0         0.3%  45M  60m\n',
    );
    expect(renderApps(synced, { ...plain, noHeaders: true })).toBe(
      '0  api  Synced  Healthy  1/1  0  0.3%  45M  60m\n',
    );
  });

  it('has a line for each drift that no problem says, with who, since when, until when and the way out', () => {
    const base = {
      since: '2026-01-01T11:00:00.000Z',
      hint: 'stateward apply puts it back',
      heals: 'never',
    } as const;
    const scaled: DriftInfo = {
      ...{ ...base, kind: 'override', reason: 'ScaledByOperator', heals: 'expiry' },
      ...{ message: 'declared 2 instances, scaled to 4', by: 'ada', until: '2026-01-01T13:00:00.000Z' },
    };
    const edited = {
      ...base,
      kind: 'declaration',
      reason: 'DeclarationChanged',
      message: 'it was edited',
    } as const;
    const code = { ...base, kind: 'code', reason: 'CodeNewer', message: 'code newer' } as const;
    const problem = { type: 'Code', reason: 'CodeNewer', message: 'code newer', since: base.since } as const;
    const drifted = appList(
      app('api', { drift: [scaled, edited, code], problems: [problem] }),
      app('web', { drift: [edited] }),
      app('db'),
    );
    expect(renderApps(drifted, plain).split('\n').slice(4)).toEqual([
      '! api: code newer (CodeNewer)',
      '~ api: declared 2 instances, scaled to 4 by ada since 2026-01-01T11:00:00Z, until 2026-01-01T13:00:00Z; stateward apply puts it back (ScaledByOperator)',
      '~ api, web: it was edited; stateward apply puts it back (DeclarationChanged)',
      '',
    ]);
    const wide = renderApps(drifted, { ...plain, wide: true })
      .split('\n')
      .slice(0, 4);
    expect(wide.map((row) => row.split(/ +/).at(-1))).toEqual([
      'DRIFT',
      'override,declaration,code',
      'declaration',
      '-',
    ]);
    expect(renderApps(drifted, { ...plain, noHeaders: true })).not.toContain('~');
    expect(renderApps(appList(app('db')), { ...plain, wide: true })).not.toContain('DRIFT');
  });

  it('has a line for a receiver of notifications that is not reached', () => {
    const receivers = [
      { name: 'ops', since: '2026-01-01T11:00:00.000Z', message: 'refused\x1b[2J', hint: 'start it' },
    ];
    const told = { ...appList(app('api')), receivers };
    expect(renderApps(told, plain).split('\n')[2]).toBe(
      '! notifications to ops: refused\\x1b[2J; start it (ReceiverFailing)',
    );
    expect(renderApps(told, { ...plain, noHeaders: true })).not.toContain('!');
  });

  it('has a line for everything else that is wrong with the daemon itself, with the way out', () => {
    const since = '2026-01-01T11:00:00.000Z';
    const told = {
      ...appList(app('api')),
      problem: { code: 'RUNNER_UNREACHABLE' as const, message: 'the runner does not answer', hint: 'look' },
      unwritten: {
        since,
        file: '/srv/x.json',
        reason: 'no space left on device',
        hint: 'free some',
        apps: [],
      },
      settings: { broken: [], unfollowed: [{ code: 'CONFLICT' as const, message: 'http.listen: taken' }] },
      http: {
        ...{ listen: '[::1]:1', address: null, url: null, certificateUntil: null },
        problems: [
          { reason: 'HttpUnheard' as const, since, message: 'taken', hint: 'another' },
          { reason: 'CertificateEnds' as const, since, message: 'ends soon', hint: 'renew it' },
        ],
      },
    };
    expect(renderApps(told, plain).split('\n').slice(2)).toEqual([
      '! runner: the runner does not answer; look',
      `! state: not on disk yet (/srv/x.json: no space left on device, since ${since}); free some`,
      '! settings: http.listen: taken (HomeSettingFailed)',
      '! ends soon; renew it (CertificateEnds)',
      '',
    ]);
  });

  it('says why something is not healthy, cut to the terminal', () => {
    const broken = app('api', { health: 'Failed', why: 'exited with code 1, max_restarts is 3' });
    const list = appList(broken, app('db'));
    expect(renderApps(list, plain)).toBe(
      [
        'ID  NAME  HEALTH   READY  RESTARTS  CPU   MEM  UPTIME  WHY',
        '0   api   Failed   1/1    0         0.3%  45M  60m     exited with code 1, max_restarts is 3',
        '0   db    Healthy  1/1    0         0.3%  45M  60m',
        '',
      ].join('\n'),
    );
    expect(renderApps(list, { ...plain, columns: 80 })).toContain('  60m     exited with code 1, max_…\n');
    const narrow = renderApps(list, { ...plain, columns: 70 });
    expect(narrow).not.toContain('WHY');
    expect(narrow.endsWith('  60m\napi: exited with code 1, max_restarts is 3\n')).toBe(true);
    expect(renderApps(list, { ...plain, columns: 20 })).toContain('\napi: exited with co…\n');
    expect(renderApps(list, { ...plain, noHeaders: true })).not.toContain('exited');
  });

  it('says when the newest restart was, and when it is wide for which reasons', () => {
    const restarted = instance({
      restarts: 4,
      restartsByReason: { MemoryLimit: 1, Exited: 3 },
      lastRestartAt: '2026-01-01T11:58:00.000Z',
      ports: [3000, 9229],
    });
    const older = { ...restarted, id: 1, slot: 1, restarts: 1, lastRestartAt: '2026-01-01T10:00:00.000Z' };
    const list = appList(app('api', { instances: [restarted, older] }));
    expect(renderApps(list, plain)).toContain('  5 (2m ago)  ');
    expect(renderApps(list, { ...plain, wide: true })).toContain(
      '  3000,9229  running  Synced  Healthy  yes    4 (2m ago)    3 Exited, 1 MemoryLimit  ',
    );
  });

  it('has one line an instance when it is wide', () => {
    expect(renderApps(list, { ...plain, wide: true })).toMatchInlineSnapshot(`
      "ID  PROJECT  NAME    SLOT  PID   PORT  STATE    SYNC       HEALTH       READY  RESTARTS  REASONS  CPU   MEM  UPTIME  AGE  CODE  REVISION
      0   shop     api     0     4242  -     running  OutOfSync  Progressing  yes    1         -        0.3%  45M  60m     3d   -     42
      1   shop     api     1     -     -     waiting  OutOfSync  Progressing  no     3         -        -     -    -       3d   -     42
      -   shop     worker  -     -     -     -        Synced     Stopped      -      -         -        -     -    -       3d   -     42
      "
    `);
  });

  it('counts an old process and its successor in a slot once, and shows what each of them runs', () => {
    const pair = [
      instance({ pid: 11, restarts: 2, revision: 41 }),
      instance({ pid: 12, restarts: 2, revision: 42, ready: false }),
      instance({ id: 1, slot: 1, pid: 13, revision: 41 }),
    ];
    const rolling = appList(app('web', { instances: pair }));
    const line = renderApps(rolling, { ...plain, noHeaders: true }).split(/ +/);
    expect([line[0], line[5]]).toEqual(['0-1', '2']);
    // With all columns: SAYS and SOURCE are the last.
    const wide = renderApps(rolling, { ...plain, noHeaders: true, wide: true });
    expect(
      wide
        .trimEnd()
        .split('\n')
        .map((row) => row.split(/ +/).at(-4)),
    ).toEqual(['41', '42', '41']);
  });

  it('leaves the header out on request and says nothing about nothing', () => {
    expect(renderApps(list, { ...plain, noHeaders: true })).toMatch(/^0-1 {2}api/);
    expect(renderApps(appList(), plain)).toBe('');
  });

  it('names an app by its project too where two share a name', () => {
    const two = appList(app('api'), app('api', {}, { project: 'blog' }), app('worker'));
    const names = renderApps(two, { ...plain, noHeaders: true })
      .split('\n')
      .map((line) => line.split(/ +/)[1]);
    expect(names).toEqual(['shop/api', 'blog/api', 'worker', undefined]);
    expect(renderAppNames(two)).toBe('shop/api\nblog/api\nshop/worker\n');
  });

  it('colours the two status axes only', () => {
    const colored = renderApps(appList(app('api')), { ...plain, style: createStyle(true), noHeaders: true });
    expect(colored).toContain('\u001b[32mSynced\u001b[39m  \u001b[32mHealthy\u001b[39m');
  });

  it.each([
    [[], '-'],
    [[3], '3'],
    [[2, 0, 1, 5], '0-2,5'],
    [[7, 9], '7,9'],
  ])('joins ids %j as %s', (ids, text) => expect(formatIds(ids)).toBe(text));
});
