import { describe, expect, it } from 'vitest';
import {
  HEALTHY_AFTER_MS,
  isOnRecord,
  MAX_UNSTABLE_EXITS,
  recordExit,
  UNSTABLE_WINDOW_MS,
  type ExitInfo,
} from '../../../src/plan/slots/history.ts';
import type { InstanceExit, SlotHistory } from '../../../src/plan/model/observed.ts';
import { makeExit, NOW } from '../fixtures.ts';

function policy(fields: Partial<ExitInfo['spec']> = {}): ExitInfo['spec'] {
  return { min_uptime: 1_000, autorestart: true, stop_exit_codes: [], max_restarts: null, ...fields };
}

function info(nonce: string, fields: Partial<ExitInfo> = {}): ExitInfo {
  const spec = policy();
  return {
    slot: 2,
    nonce,
    templateHash: 'h1',
    restartGeneration: 0,
    generation: 1,
    jitter: 0.25,
    spec,
    ...fields,
  };
}

function record(exits: readonly Partial<InstanceExit>[], fields: Partial<ExitInfo> = {}): SlotHistory {
  const [first = {}, ...rest] = exits;
  return rest.reduce<SlotHistory>(
    (history, exit, index) => recordExit(history, makeExit(exit), info(`n${index + 1}`, fields)),
    recordExit(undefined, makeExit(first), info('n0', fields)),
  );
}

describe('the history of a slot', () => {
  it('counts nothing against a process that ended with an earlier boot of the host', () => {
    const exit = { code: null, upMs: 10, hostRestarted: true } as const;
    expect(record([exit, exit])).toMatchObject({ restarts: 0, attempt: 0, unstableExits: [] });
  });

  it('counts restarts by why the process before ended, and says when the newest was', () => {
    const unfit = { reason: 'MemoryLimit', restartGeneration: 1, at: NOW } as const;
    const first = record([{}, { code: null, signal: 'SIGSEGV' }, { requested: true }]);
    expect(first).toMatchObject({ restarts: 2, restartsByReason: { Exited: 1, Killed: 1 } });
    const asked = makeExit({ requested: true, at: NOW + 5_000 });
    const second = recordExit(first, asked, info('unfit', { unfit }));
    expect(second).toMatchObject({
      restarts: 3,
      restartsByReason: { Exited: 1, Killed: 1, MemoryLimit: 1 },
      lastRestartAt: NOW + 5_000,
    });
    // Of before the reasons were counted.
    const { restartsByReason: _, ...older } = second;
    expect(recordExit(older, makeExit({ at: NOW + 6_000 }), info('later'))).toMatchObject({
      restarts: 4,
      restartsByReason: { Exited: 1 },
    });
  });

  it('holds the last exit and what it was the exit of', () => {
    const exit = makeExit({ code: 3 });
    expect(recordExit(undefined, exit, info('a', { templateHash: 'h4', restartGeneration: 2 }))).toEqual({
      slot: 2,
      restarts: 1,
      restartsByReason: { Exited: 1 },
      lastRestartAt: exit.at,
      attempt: 1,
      jitter: 0.25,
      unstableExits: [NOW],
      lastExit: exit,
      lastNonce: 'a',
      lastTemplateHash: 'h4',
      lastRestartGeneration: 2,
      lastGeneration: 1,
      recentNonces: [],
    });
  });

  it('counts exits in a row that came before health', () => {
    expect(record([{}, {}, {}]).attempt).toBe(3);
    expect(record([{}, {}, { upMs: HEALTHY_AFTER_MS - 1 }]).attempt).toBe(3);
  });

  it('starts again at 0 after health', () => {
    expect(record([{}, {}, { upMs: HEALTHY_AFTER_MS }]).attempt).toBe(0);
    expect(record([{}, {}, { upMs: HEALTHY_AFTER_MS }, {}]).attempt).toBe(1);
  });

  it('begins a new row with a process of a generation in which the app was begun afresh', () => {
    const old = record([{}, {}, {}]);
    const again = recordExit(old, makeExit(), info('later', { generation: 2, begunAfresh: 2 }));
    expect(again).toMatchObject({ attempt: 1, unstableExits: [NOW], restarts: 4 });
    expect(recordExit(again, makeExit(), info('last', { generation: 2, begunAfresh: 2 })).attempt).toBe(2);
  });

  describe('with a process that was found unfit', () => {
    const unfit = { reason: 'LivenessFailed', restartGeneration: 1, at: NOW } as const;
    const ended = (fields: Partial<InstanceExit> = {}): InstanceExit =>
      makeExit({ code: null, signal: 'SIGINT', requested: true, ...fields });

    it('counts its end as a restart and an attempt, in the row of the process that follows', () => {
      const first = recordExit(undefined, ended(), info('a', { unfit }));
      expect(first).toMatchObject({
        ...{ restarts: 1, attempt: 1, unstableExits: [NOW], lastRestartGeneration: 1 },
        lastExit: { unfit: 'LivenessFailed' },
      });
      const again = { ...unfit, restartGeneration: 2 };
      const second = info('b', { restartGeneration: 1, generation: 2, unfit: again });
      expect(recordExit(first, ended(), second)).toMatchObject({ restarts: 2, attempt: 2 });
    });

    it('measures how long it was well until it was found so, not until it was gone', () => {
      const late = ended({ upMs: HEALTHY_AFTER_MS + 3_000, at: NOW + 4_000 });
      expect(recordExit(undefined, late, info('a', { unfit }))).toMatchObject({ restarts: 1, attempt: 1 });
      const well = ended({ upMs: HEALTHY_AFTER_MS + 5_000, at: NOW + 4_000 });
      expect(recordExit(undefined, well, info('a', { unfit }))).toMatchObject({ restarts: 1, attempt: 0 });
    });

    it('counts the restart whatever autorestart and its exit code say', () => {
      const spec = policy({ autorestart: false, stop_exit_codes: [0] });
      const exit = ended({ code: 0, signal: null });
      expect(recordExit(undefined, exit, info('a', { unfit, spec })).restarts).toBe(1);
    });
  });

  it('does not count what was asked for', () => {
    const history = record([{}, { requested: true }, { requested: true }]);
    expect(history).toMatchObject({ attempt: 1, restarts: 1, unstableExits: [NOW], lastNonce: 'n2' });
  });

  it('counts a process that could not be started as unstable, even with min_uptime 0', () => {
    const failed = { upMs: 0, error: 'spawn ENOENT', code: null };
    expect(record([failed], { spec: policy({ min_uptime: 0 }) })).toMatchObject({
      attempt: 1,
      unstableExits: [NOW],
    });
  });

  it('does not hold it against the app that the host was short of something', () => {
    const exit = { error: 'spawn: EAGAIN', shortage: true as const, code: null, upMs: 0 };
    expect(record([exit], { spec: policy({ max_restarts: 0 }) })).toMatchObject({
      attempt: 1,
      unstableExits: [],
    });
  });

  it('does not count a stable exit as unstable', () => {
    expect(record([{ upMs: 1_000 }]).unstableExits).toEqual([]);
    expect(record([{ upMs: 0 }], { spec: policy({ min_uptime: 0 }) }).unstableExits).toEqual([]);
  });

  it('does not count an exit as a restart when no start follows it', () => {
    const job = { spec: policy({ autorestart: false }) };
    expect(record([{ code: 0 }], job).restarts).toBe(0);
    const done = { spec: policy({ stop_exit_codes: [1] }) };
    expect(record([{ code: 1 }], done).restarts).toBe(0);
    expect(record([{}], { spec: policy({ max_restarts: 0 }) }).restarts).toBe(0);
    expect(record([{}, {}], { spec: policy({ max_restarts: 1 }) }).restarts).toBe(1);
  });

  it('lets unstable exits go that left the window', () => {
    const history = record([{ at: NOW }, { at: NOW + 10 }, { at: NOW + UNSTABLE_WINDOW_MS }]);
    expect(history.unstableExits).toEqual([NOW + 10, NOW + UNSTABLE_WINDOW_MS]);
  });

  it('does not grow without end', () => {
    const exits = Array.from({ length: MAX_UNSTABLE_EXITS + 5 }, (_, index) => ({ at: NOW + index }));
    const history = record(exits);
    expect(history.unstableExits).toHaveLength(MAX_UNSTABLE_EXITS);
    expect(history.unstableExits.at(-1)).toBe(NOW + MAX_UNSTABLE_EXITS + 4);
    expect(history.recentNonces).toHaveLength(8);
  });

  it('takes the exit of a process once', () => {
    const once = recordExit(undefined, makeExit(), info('a'));
    expect(recordExit(once, makeExit(), info('a', { jitter: 0.9 }))).toBe(once);
  });

  it('takes the exit of a process once, even when another one came in between', () => {
    const a = recordExit(undefined, makeExit(), info('a'));
    const b = recordExit(a, makeExit(), info('b'));
    expect(recordExit(b, makeExit(), info('a'))).toBe(b);
    expect(isOnRecord(b, 'a')).toBe(true);
    expect(isOnRecord(b, 'c')).toBe(false);
    expect(isOnRecord(undefined, 'a')).toBe(false);
  });

  it.each([{ templateHash: 'h2' }, { restartGeneration: 1 }])('begins a new row with %o', (counter) => {
    const history = record([{}, {}, {}]);
    const after = recordExit(history, makeExit({ at: NOW + 1 }), info('next', counter));
    expect(after).toMatchObject({ attempt: 1, restarts: 4, unstableExits: [NOW + 1] });
  });

  it('is about the newest process: the one that it was to replace may end later', () => {
    const crash = recordExit(undefined, makeExit({ at: NOW, upMs: 200 }), info('new', { generation: 2 }));
    const end = makeExit({ at: NOW + 50, upMs: 60_000, requested: true });
    const after = recordExit(crash, end, info('old', { generation: 1, templateHash: 'before' }));
    expect(after).toEqual({ ...crash, recentNonces: ['old'] });
    expect(isOnRecord(after, 'old')).toBe(true);
    expect(recordExit(after, end, info('old', { generation: 1 }))).toBe(after);
  });

  it('is not fooled by generations that were lost with the state: what began later is newer', () => {
    const crash = recordExit(undefined, makeExit({ at: NOW, upMs: 200 }), info('a', { generation: 9 }));
    const next = recordExit(crash, makeExit({ at: NOW + 500, upMs: 200 }), info('b', { generation: 1 }));
    expect(next).toMatchObject({ lastNonce: 'b', attempt: 2 });
  });

  it('leaves what it was given as it is', () => {
    const history = record([{}]);
    const copy = structuredClone(history);
    recordExit(history, makeExit(), info('b'));
    expect(history).toEqual(copy);
  });
});
