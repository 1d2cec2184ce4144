import { createServer } from 'node:net';
import { once } from 'node:events';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { portRange } from '../../../src/controller/ports/create-port-book.ts';
import { ephemeralRange, isFree } from '../../../src/controller/ports/free-port.ts';
import { PortBook } from '../../../src/controller/ports/port-book.ts';
import { ok } from '../../../src/lib/result.ts';
import type { Condition } from '../../../src/plan/model/health.ts';
import type { DesiredApp, Override } from '../../../src/plan/model/desired.ts';
import type { ObservedInstance } from '../../../src/plan/model/observed.ts';
import type { PortRange } from '../../../src/spec/ports/chosen-ports.ts';
import { desiredSnapshot } from '../../../src/state/desired/desired.ts';
import { reduce, type Projects } from '../../../src/state/desired/reducer.ts';
import type { Fact } from '../../../src/state/model/types.ts';
import type { PortOwner } from '../../../src/triggers/probes/port-owner.ts';
import { makeInstance } from '../../plan/fixtures.ts';
import { freePort } from '../../support/free-port.ts';
import { accepted, appSpec } from '../../state/specs.ts';

const auto = { name: 'main', port: 'auto', host: null, env: null, shared: null } as const;
const stranger: PortOwner = { kind: 'stranger', pid: 12, nonce: null, command: 'nc -l' };

/** A book over a state in memory, on a host of which it is said who holds what. */
function rig(names: readonly string[], options: Partial<{ range: PortRange; ephemeral: PortRange }> = {}) {
  let projects: Projects = new Map();
  const commit = (given: Fact | readonly Fact[]) => {
    projects = [given].flat().reduce(reduce, projects);
    return Promise.resolve(ok({ changed: [], revisions: [] }));
  };
  const specs = [...names.map((name) => appSpec({ name, ports: [auto] })), fixed];
  void commit(accepted('shop', specs));
  const held = new Map<number, PortOwner>();
  const live: ObservedInstance[] = [];
  const events: string[] = [];
  const shown: (Condition | null)[] = [];
  const desired = () => desiredSnapshot(projects);
  const book = new PortBook({
    store: {
      records: () => projects,
      desired: () => desired().apps,
      desiredApp: (key) => desired().byKey.get(key),
      commit,
      appendEvent: (event) => {
        events.push(event.message);
        return { ...event, seq: 1 };
      },
    },
    driver: {
      instance: (nonce) => live.find((one) => one.nonce === nonce),
      instancesOf: (key) => live.filter((one) => one.key === key),
    },
    runnerPid: () => 1,
    range: options.range ?? { first: 20_000, last: 20_019 },
    ephemeral: () => Promise.resolve(options.ephemeral ?? null),
    isFree: (port) => Promise.resolve(!held.has(port)),
    owners: { find: ({ port }) => Promise.resolve(held.get(port) ?? { kind: 'nobody' }) },
    now: () => 0,
    show: (_key, condition) => shown.push(condition),
  });
  const app = (name: string): DesiredApp => {
    const found = desired().apps.find(({ spec }) => spec.name === name);
    if (found === undefined) throw new Error(`no app ${name}`);
    return found;
  };
  const start = async (name: string, slot = 0): Promise<number | string> => {
    const given = await book.forStart(app(name), slot);
    return given.ok ? (given.value?.['main'] ?? 0) : given.error.message;
  };
  return { held, live, events, shown, app, start, commit, book, projects: () => projects };
}

const fixed = appSpec({
  name: 'fixed',
  instances: 2,
  ports: [{ ...auto, port: 20_005 }],
});

describe('the port of a slot', () => {
  test('stays its own over restarts, and is nobody else’s, in whatever order they start', async () => {
    const starts = fc.array(fc.tuple(fc.constantFrom('a', 'b', 'c'), fc.nat({ max: 3 })), { maxLength: 40 });
    await fc.assert(
      fc.asyncProperty(
        starts,
        fc.uniqueArray(fc.integer({ min: 20_000, max: 20_019 }), { maxLength: 5 }),
        async (order, taken) => {
          const { start, held } = rig(['a', 'b', 'c']);
          for (const port of taken) held.set(port, stranger);
          const had = new Map<string, number | string>();
          const given = await Promise.all(order.map(([name, slot]) => start(name, slot)));
          for (const [index, [name, slot]] of order.entries()) {
            const place = `${name}:${slot}`;
            const port = given[index] ?? '';
            expect(had.get(place) ?? port).toBe(port);
            had.set(place, port);
            expect(taken).not.toContain(port);
            expect([20_005, 20_006]).not.toContain(port);
          }
          expect(new Set(had.values()).size).toBe(had.size);
        },
      ),
      { numRuns: 60 },
    );
  });

  test('comes back to an app that was removed, as long as nobody else has it', async () => {
    const { start, commit, app } = rig(['a', 'b']);
    const port = await start('a');
    await commit({ kind: 'apps-deleted', keys: [app('a').key], at: 1 });
    await commit(accepted('shop', [appSpec({ name: 'a', ports: [auto] })], { prune: false }));
    expect(await start('a')).toBe(port);
  });

  test('is another one when a stranger has it at a start, and that is told', async () => {
    const { start, held, events } = rig(['a']);
    const port = Number(await start('a'));
    held.set(port, stranger);
    const next = Number(await start('a'));
    expect(next).not.toBe(port);
    expect(events).toEqual([
      `port main was ${port}, which process 12 (nc -l) holds now: another one is chosen`,
    ]);
    held.delete(port);
    expect(await start('a')).toBe(next);
  });

  test('stays where the runner, a process of the app or nobody who can be named has it', async () => {
    const { start, held, live, app } = rig(['a']);
    const port = Number(await start('a'));
    live.push(makeInstance(app('a'), { nonce: 'own', slot: 3 }));
    const owners: readonly PortOwner[] = [
      { kind: 'stranger', pid: 1, nonce: null, command: 'runner' },
      { kind: 'stranger', pid: 9, nonce: 'own', command: 'node' },
      { kind: 'unknown' },
    ];
    for (const owner of owners) {
      held.set(port, owner);
      expect(await start('a')).toBe(port);
    }
  });

  test('takes turns with a second one while the old process is in the slot', async () => {
    const { start, live, app } = rig(['a']);
    const first = Number(await start('a'));
    live.push(makeInstance(app('a'), { ports: { main: first } }));
    const second = Number(await start('a'));
    expect(second).not.toBe(first);
    live.splice(0, 1, makeInstance(app('a'), { ports: { main: second } }));
    expect(await start('a')).toBe(first);
    live.length = 0;
    expect(await start('a')).toBe(first);
  });

  test('is the one that its process carries, where the state has lost it', async () => {
    const { start, live, app } = rig(['a']);
    live.push(makeInstance(app('a'), { slot: 2, ports: { main: 20_017 } }));
    live.push(makeInstance(app('a'), { slot: 1, state: 'exited', ports: { main: 20_018 } }));
    expect(await start('a')).not.toBe(20_017);
    live.length = 1;
    // The process in the slot has it, so a second one takes turns with it.
    expect(await start('a', 2)).not.toBe(20_017);
  });

  test('is none when all are taken, which is a condition until one is free', async () => {
    const { start, held, shown } = rig(['a'], { range: { first: 20_005, last: 20_007 } });
    held.set(20_007, stranger);
    expect(await start('a')).toMatch(/^no port from 20005 to 20007 is free: .*STATEWARD_PORT_RANGE/);
    expect(shown).toMatchObject([{ type: 'PortFree', status: 'False', reason: 'NoPortFree' }]);
    held.clear();
    expect(await start('a')).toBe(20_007);
    expect(shown.at(-1)).toBeNull();
  });

  test('is missing no longer when the slot is not wanted any more, whatever else was said since', async () => {
    const { start, shown, commit, app, book } = rig(['a', 'b'], { range: { first: 20_010, last: 20_010 } });
    const { key } = app('a');
    const by = { by: 'ann', at: 1 };
    const set = (override: Override | null) => commit({ kind: 'override-set', key, override });
    await set({ instances: 3, ...by });
    expect(await start('a')).toBe(20_010);
    for (const slot of [1, 2]) expect(await start('a', slot)).toMatch(/^no port/);
    const told = shown.length;
    // The slot that has one says nothing of the others.
    expect(await start('a')).toBe(20_010);
    await set({ instances: 2, ...by });
    book.review();
    expect(shown).toHaveLength(told);
    await set({ instances: 1, ...by });
    book.review();
    expect(shown.slice(told)).toEqual([null]);

    expect(await start('b')).toMatch(/^no port/);
    await commit({ kind: 'apps-deleted', keys: [app('b').key], at: 1 });
    book.review();
    expect(shown.at(-1)).toBeNull();
  });

  test('is none that a socket of another app has', async () => {
    const { start, commit } = rig(['a'], { range: { first: 20_010, last: 20_011 } });
    const sockets = [{ name: 'web', listen: '20010', mode: null, user: null, group: null, backlog: 511 }];
    await commit(accepted('blog', [appSpec({ name: 'web', sockets })]));
    expect(await start('a')).toBe(20_011);
  });

  test('is not one of those that the kernel gives to outgoing connections, unless nothing else is left', async () => {
    const { start } = rig(['a', 'b', 'c'], {
      range: { first: 20_000, last: 20_002 },
      ephemeral: { first: 20_001, last: 60_999 },
    });
    expect(await start('a')).toBe(20_000);
    expect([await start('b'), await start('c')].toSorted()).toEqual([20_001, 20_002]);
  });
});

describe('the host', () => {
  test('says whether a port is free, on every address', async () => {
    const port = await freePort();
    expect(await isFree(port)).toBe(true);
    const server = createServer().listen(port, '127.0.0.1');
    await once(server, 'listening');
    expect(await isFree(port)).toBe(false);
    server.close();
    await once(server, 'close');
    expect(await isFree(port)).toBe(true);
  });

  test('says which ports it gives to connections', async () => {
    const found = await ephemeralRange();
    if (process.platform === 'linux') expect(found?.first).toBeLessThan(found?.last ?? 0);
    expect(await ephemeralRange('/nowhere')).toBeNull();
  });

  test('has a range of its own for a daemon that is told of one', () => {
    expect(portRange({})).toEqual(ok({ first: 20_000, last: 29_999 }));
    expect(portRange({ STATEWARD_PORT_RANGE: '40000-40009' })).toEqual(ok({ first: 40_000, last: 40_009 }));
    expect(portRange({ STATEWARD_PORT_RANGE: '40000' })).toMatchObject({
      ok: false,
      error: { code: 'DAEMON_START_FAILED', hint: expect.stringContaining('20000-29999') as string },
    });
  });
});
