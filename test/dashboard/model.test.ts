import { describe, expect, test } from 'vitest';
import type { App, InstanceStatus } from '../../src/api/contract/wire/apps.ts';
import type { EventInfo } from '../../src/api/contract/wire/events.ts';
import { attentionGroups, attentionOf, instanceTone } from '../../src/dashboard/model/attention.ts';
import { withEvents, withList } from '../../src/dashboard/model/feed-state.ts';
import { best } from '../../src/dashboard/model/fuzzy.ts';
import { filtered, levelOf, LINES_KEPT, LogBook, plainText } from '../../src/dashboard/model/log-lines.ts';
import { readRoute, routePath } from '../../src/dashboard/model/routes.ts';
import { slotStates } from '../../src/dashboard/model/rollout-slots.ts';
import { sparkPoints } from '../../src/dashboard/model/usage-series.ts';
import { windowed } from '../../src/dashboard/model/windowed.ts';

function app(name: string, status: object = {}): App {
  const healthy = { health: 'Healthy', sync: 'Synced', revision: 1, desiredInstances: 1, readyInstances: 1 };
  return { project: 'shop', name, status: { ...healthy, instances: [], ...status } } as unknown as App;
}

function list(items: readonly App[], more: object = {}) {
  return { apiVersion: 'v1', kind: 'AppList', items, ...more } as const;
}

describe('what is known of apps', () => {
  test('is replaced by a whole list, and changed by a partial one', () => {
    const first = withList(new Map(), list([app('web'), app('api')]));
    expect([...first.keys()]).toEqual(['shop/api', 'shop/web']);
    const changed = app('api', { health: 'Failed' });
    const next = withList(first, list([changed, app('db')], { partial: true, gone: ['shop/web'] }));
    expect([...next.keys()]).toEqual(['shop/api', 'shop/db']);
    expect(next.get('shop/api')).toBe(changed);
    expect([...withList(next, list([])).keys()]).toEqual([]);
  });

  test('takes an event once, whatever a resumed stream gives again', () => {
    const event = (seq: number) => ({ seq }) as EventInfo;
    const known = withEvents([event(1)], [event(1), event(2)]);
    expect(known.map(({ seq }) => seq)).toEqual([1, 2]);
    expect(withEvents(known, [event(2)])).toBe(known);
  });
});

describe('what needs attention', () => {
  test('is nothing of an app that is well, or on its way', () => {
    expect(attentionOf(app('web'))).toBeNull();
    expect(attentionOf(app('web', { health: 'Progressing', sync: 'OutOfSync' }))).toBeNull();
    expect(attentionOf(app('web', { health: 'Stopped', why: 'stopped by ann' }))).toBeNull();
  });

  test('comes with why, the worst first', () => {
    const crashing = attentionOf(app('web', { health: 'CrashLoop', why: 'back-off of 3s' }));
    const drift = [{ kind: 'override', message: 'scaled to 3', hint: 'stateward apply', heals: 'never' }];
    const drifted = attentionOf(app('api', { drift }));
    expect(crashing?.why).toEqual(['back-off of 3s']);
    expect(drifted?.why).toEqual(['scaled to 3; stateward apply']);
    expect(crashing?.rank).toBeGreaterThan(drifted?.rank ?? 0);
    expect(attentionOf(app('x', { sync: 'Unknown' }))?.why).toHaveLength(1);
  });

  test('is one thing where apps of a project share the very same reason, behind what is worse', () => {
    const drift = [{ kind: 'declaration', message: 'the file changed', hint: 'apply', heals: 'never' }];
    const billing = { ...app('ledger', { drift }), project: 'billing' };
    const crashing = app('mailer', { health: 'CrashLoop', why: 'back-off', drift });
    const groups = attentionGroups([
      app('api', { drift }),
      app('ok'),
      crashing,
      app('web', { drift }),
      billing,
    ]);
    expect(groups.map(({ apps }) => apps.map(({ project, name }) => `${project}/${name}`))).toEqual([
      ['shop/mailer'],
      ['shop/api', 'shop/web'],
      ['billing/ledger'],
    ]);
  });

  test('is no process that has ended where its app is done, or was stopped', () => {
    const one = (state: string, ready = false) => ({ state, ready }) as InstanceStatus;
    expect(instanceTone(one('running', true), 'Healthy')).toBe('good');
    expect(instanceTone(one('starting'), 'Progressing')).toBe('info');
    for (const health of ['Completed', 'Stopped', 'Healthy'] as const)
      expect(instanceTone(one('exited'), health)).toBe('quiet');
    for (const health of ['CrashLoop', 'Failed', 'Progressing'] as const)
      expect(instanceTone(one('exited'), health)).toBe('bad');
  });
});

describe('lines of a log', () => {
  const line = (text: string, stream: 'out' | 'err' = 'out') =>
    ({ app: 'shop/web', slot: 0, stream, line: text, time: null }) as const;

  test('are plain text: colours go, and what turns or hides text is written out', () => {
    expect(plainText('\u001b[31mred\u001b[0m')).toBe('red');
    expect(plainText('a\u202eb\u0007')).toBe('a\\x202eb\\x07');
    expect(plainText('<b>bold</b>')).toBe('<b>bold</b>');
  });

  test('say how bad they are', () => {
    expect(levelOf('Error: no', 'out')).toBe('error');
    expect(levelOf('{"level":40,"msg":"x"}', 'out')).toBe('warn');
    expect(levelOf('something', 'err')).toBe('warn');
    expect(levelOf('terrors of the deep', 'out')).toBe('info');
  });

  test('are kept up to a bound, and filtered by all that is asked for', () => {
    const book = new LogBook();
    book.add([
      line('GET /a'),
      line('Error: broken', 'err'),
      { mark: 'f-1' },
      { app: 'shop/web', notice: 'n' },
    ]);
    const all = { text: '', stream: 'all', level: 'all', slot: null } as const;
    expect(filtered(book.lines, all)).toBe(book.lines);
    expect(filtered(book.lines, { ...all, text: 'get' }).map(({ text }) => text)).toEqual(['GET /a']);
    expect(filtered(book.lines, { ...all, text: '/^err/' })).toHaveLength(1);
    expect(filtered(book.lines, { ...all, text: '/(/' })).toHaveLength(0);
    expect(filtered(book.lines, { ...all, level: 'error', stream: 'err' })).toHaveLength(1);
    expect([...book.marks.values()]).toEqual(['f-1']);
    const before = book.lines;
    book.add(Array.from({ length: LINES_KEPT * 2 }, () => line('x')));
    expect(book.lines).not.toBe(before);
    expect(book.lines.length).toBe(LINES_KEPT);
    expect(book.dropped).toBe(LINES_KEPT + 3);
  });
});

test('an address and its screen are the same, whatever the names hold', () => {
  const route = {
    screen: 'app',
    project: 'a b',
    name: '<img src=x>?#%',
    tab: 'logs',
    query: { q: 'x&y' },
  } as const;
  const [path = '', search] = routePath(route).split('?');
  expect(readRoute(path, `?${search ?? ''}`)).toEqual(route);
  expect(readRoute('/apps/shop/web', '')).toMatchObject({ screen: 'app', tab: 'logs' });
  expect(readRoute('/apps/shop/web/none', '').screen).toBe('nowhere');
  expect(readRoute('/%', '').screen).toBe('nowhere');
});

test('a few letters find a name, the nearest first', () => {
  const names = ['shop/payments-api', 'shop/web', 'billing/api'];
  expect(best('api', names, (name) => name)[0]).toBe('billing/api');
  expect(best('shw', names, (name) => name)).toEqual(['shop/web']);
  expect(best('', names, (name) => name)).toEqual(names);
});

test('of a long list only what is seen is drawn', () => {
  const heights = Array.from({ length: 500 }, () => 40);
  const { first, end, top, height } = windowed(heights, 8_000, 8_800);
  expect(height).toBe(20_000);
  expect(top).toBe(first * 40);
  expect(first).toBeGreaterThan(180);
  expect(end - first).toBeLessThan(50);
  expect(windowed([], 0, 100)).toMatchObject({ first: 0, end: 0, height: 0 });
});

test('slots of a rollout say which of them run the new version and have proven it', () => {
  const instances = [
    { slot: 0, revision: 2, pid: 1, ready: true },
    { slot: 1, revision: 2, pid: 2, ready: false },
    { slot: 1, revision: 1, pid: 3, ready: true },
    { slot: 2, revision: 1, pid: 4, ready: true },
  ];
  const rollout = { revision: 2, state: 'progressing', reason: null };
  const states = slotStates(app('web', { desiredInstances: 4, instances, rollout })).map(
    ({ state }) => state,
  );
  expect(states).toEqual(['updated', 'starting', 'old', 'empty']);
});

test('a sparkline leaves out what was not measured, and stays in its box', () => {
  const points = sparkPoints([null, 1, 4], { width: 10, height: 10, count: 3 }).split(' ');
  expect(points).toEqual(['5.0,7.0', '10.0,1.0']);
});
