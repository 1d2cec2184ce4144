import { describe, expect, test } from 'vitest';
import { Strangers } from '../../../src/controller/drift/strangers.ts';
import type { MarkContext } from '../../../src/runner/marks/mark-context.ts';
import type { ProcessEntry, Processes, ProcessStat } from '../../../src/runner/processes/processes.ts';
import { StatusTable } from '../../../src/reconcile/status-table.ts';
import { makeApp, makeInstance } from '../../plan/fixtures.ts';
import { FakeClock } from '../../support/fake-clock.ts';

const RUNNER = 10;
const MAIN = 100;

interface Row {
  readonly pid: number;
  readonly parent: number;
  readonly nonce?: string;
}

/** A host with one app that runs as process 100 under the runner, and what else there is. */
function host(rows: readonly Row[], leftovers: 'end' | 'keep' = 'end') {
  const app = makeApp('api', { spec: { leftovers } });
  const clock = new FakeClock();
  const table = new Map<number, Row>(
    [{ pid: RUNNER, parent: 1 }, { pid: MAIN, parent: RUNNER, nonce: 'n1' }, ...rows].map((row) => [
      row.pid,
      row,
    ]),
  );
  const stat = ({ pid, parent }: Row): ProcessStat => ({
    ...{ startTime: `t${pid}`, group: pid, session: pid, parent, zombie: false },
  });
  const processes: Processes = {
    bootId: 'boot',
    stat: (pid) => {
      const row = table.get(pid);
      return row === undefined ? null : stat(row);
    },
    nonce: () => ({ kind: 'none' }),
    variable: () => null,
    catches: () => false,
    scan: () =>
      Promise.resolve(
        [...table.values()].map((row): ProcessEntry => ({
          ...stat(row),
          pid: row.pid,
          nonce: row.nonce ?? null,
        })),
      ),
  };
  const status = new StatusTable((error) => {
    throw error;
  });
  const health = { key: app.key, sync: 'Synced' as const, health: 'Healthy' as const, converged: true };
  const axes = { ...health, desiredInstances: 1, readyInstances: 1, conditions: [] };
  status.publish(app.key, { health: axes, holds: [], generation: 1, now: 0 });
  const events: string[] = [];
  const marks: MarkContext = { processes, home: '/home', fifos: '/home/run/io', key: null, now: 0 };
  const strangers = new Strangers({
    ...{ status, clock, marks: () => marks },
    store: {
      desiredApp: (key) => (key === app.key ? app : undefined),
      appendEvent: (event) => {
        events.push(event.reason);
        return { ...event, seq: events.length };
      },
    },
    driver: {
      ...{
        reachable: true,
        hooks: () => [],
        instances: () => [makeInstance(app, { nonce: 'n1', pid: MAIN })],
      },
      runner: { pid: RUNNER } as never,
    },
    infoOf: (pid) => ({
      ...{ pid, command: 'node api.js', user: 'bob', startedAt: Date.UTC(2026, 0, 1) },
      parent: { pid: 7, command: 'bash' },
    }),
  });
  const shown = (): string | null =>
    status.get(app.key)?.health.conditions.find(({ type }) => type === 'Strangers')?.message ?? null;
  return {
    ...{ table, events },
    /** `meanwhile`: what happens between the two looks that a stranger is found by. */
    async look(meanwhile = (): void => undefined): Promise<string | null> {
      const looked = strangers.look();
      const isOver = looked.then(() => true);
      const turn = (): Promise<boolean> => new Promise((resolve) => setImmediate(resolve, false));
      while (clock.nextDelayMs() === undefined) if (await Promise.race([isOver, turn()])) break;
      meanwhile();
      clock.advance(1_000);
      await looked;
      return shown();
    },
    async recheck(): Promise<string | null> {
      await strangers.recheck();
      return shown();
    },
  };
}

describe('a process that carries the marks of an app', () => {
  test('and was started from elsewhere is told of with who it is, once, for as long as it lives', async () => {
    const here = host([
      { pid: 7, parent: 1 },
      { pid: 200, parent: 7, nonce: 'n1' },
    ]);
    const said = await here.look();
    expect(said).toContain(
      'process 200 (node api.js) of user bob, started at 2026-01-01T00:00:00Z by process 7 (bash), says that it is slot 0',
    );
    expect(said).toContain('; stateward leaves it alone: kill 200 ends it');
    expect(await here.look()).toBe(said);
    here.table.delete(200);
    expect(await here.recheck()).toBeNull();
    expect(here.events).toEqual(['MarkedStranger', 'DriftEnded']);
  });

  test.each<[string, readonly Row[]]>([
    ['its child', [{ pid: 101, parent: MAIN, nonce: 'n1' }]],
    [
      'its grandchild, below one that does not show its mark',
      [
        { pid: 101, parent: MAIN },
        { pid: 102, parent: 101, nonce: 'n1' },
      ],
    ],
    ['what it has left to init', [{ pid: 103, parent: 1, nonce: 'n1' }]],
    [
      'what such a one has started',
      [
        { pid: 103, parent: 1, nonce: 'n1' },
        { pid: 104, parent: 103, nonce: 'n1' },
      ],
    ],
    ['what the runner runs for it', [{ pid: 105, parent: RUNNER, nonce: 'n1' }]],
    ['of no home', [{ pid: 300, parent: 7, nonce: 'somebody-elses' }]],
  ])('is none where it is %s', async (_, rows) => {
    const here = host(rows);
    expect(await here.look()).toBeNull();
    expect(here.events).toEqual([]);
  });

  test('is none where the app declares that what it leaves behind stays', async () => {
    const rows = [
      { pid: 7, parent: 1 },
      { pid: 200, parent: 7, nonce: 'n1' },
    ];
    expect(await host(rows, 'keep').look()).toBeNull();
  });

  test('is not yet one that ends at once', async () => {
    const here = host([
      { pid: 7, parent: 1 },
      { pid: 200, parent: 7, nonce: 'n1' },
    ]);
    expect(await here.look(() => here.table.delete(200))).toBeNull();
  });
});
