import { describe, expect, it } from 'vitest';
import type { DriverEvent } from '../../../src/driver/driver.ts';
import type { ObservedInstance } from '../../../src/plan/model/observed.ts';
import { AgentFiguresTable } from '../../../src/triggers/usage/agent-figures.ts';
import { FakeClock } from '../../support/fake-clock.ts';

const CMD = 'NODE_STATEWARD_FIGURES';

function host() {
  const clock = new FakeClock();
  const asked: string[] = [];
  const instances = new Map([
    ['n1', { nonce: 'n1', key: 'shop/api', state: 'running', connected: true }],
    ['n2', { nonce: 'n2', key: 'shop/web', state: 'running', connected: false }],
  ]);
  let listener: ((event: DriverEvent) => void) | null = null;
  const table = new AgentFiguresTable({
    clock,
    driver: {
      instances: () => [...instances.values()] as unknown as readonly ObservedInstance[],
      send: (nonce) => {
        asked.push(nonce);
        return Promise.resolve({ ok: true, value: undefined });
      },
      subscribe: (listening) => {
        listener = listening;
        return () => (listener = null);
      },
    },
  });
  const changed: string[] = [];
  const look = () => table.look((key) => changed.push(key));
  const answer = (figures: object, nonce = 'n1') =>
    listener?.({ kind: 'message', nonce, message: { cmd: CMD, ...figures } });
  return { clock, asked, changed, instances, table, look, answer, listens: () => listener !== null };
}

describe('what agents measure', () => {
  it('is asked for while somebody looks, of processes with a channel', () => {
    const { clock, asked, look, listens } = host();
    clock.advance(10_000);
    expect([asked, listens()]).toEqual([[], false]);
    const [first, second] = [look(), look()];
    clock.advance(4_000);
    expect(asked).toEqual(['n1', 'n1', 'n1']);
    first();
    first();
    clock.advance(2_000);
    expect(asked).toHaveLength(4);
    second();
    clock.advance(10_000);
    expect([asked.length, listens()]).toEqual([4, false]);
  });

  it('becomes a rate from the second answer on', () => {
    const { clock, table, look, answer } = host();
    const end = look();
    answer({ requests: 10, eventLoopLagMs: null, eventLoopLagMaxMs: null });
    expect(table.of('n1')).toMatchObject({ requests: 10, requestsPerMinute: null, eventLoopLagMs: null });
    clock.advance(2_000);
    answer({ requests: 30, eventLoopLagMs: 1.6, eventLoopLagMaxMs: 40 });
    expect(table.of('n1')).toMatchObject({
      requestsPerMinute: 600,
      eventLoopLagMs: 2,
      eventLoopLagMaxMs: 40,
    });
    clock.advance(2_000);
    answer({ requests: 0, eventLoopLagMs: 0, eventLoopLagMaxMs: 0 });
    expect(table.of('n1')).toMatchObject({ requestsPerMinute: null });
    end();
    expect(table.of('n1')).toBeUndefined();
  });

  it('is nothing of an app that writes something else there', () => {
    const { table, look, answer } = host();
    look();
    answer({ requests: 'many' });
    answer({ requests: -1 });
    expect(table.of('n1')).toBeUndefined();
    answer({ requests: 1, eventLoopLagMs: {}, eventLoopLagMaxMs: Infinity });
    expect(table.of('n1')).toMatchObject({ eventLoopLagMs: null, eventLoopLagMaxMs: null });
  });

  it('is forgotten with the process', () => {
    const { clock, instances, table, look, answer } = host();
    look();
    answer({ requests: 1 });
    instances.delete('n1');
    clock.advance(2_000);
    expect(table.of('n1')).toBeUndefined();
  });

  it('is asked for less and less often where nothing happens, and at once again where something does', () => {
    const { clock, asked, look, answer } = host();
    const round = (requests: number, eventLoopLagMaxMs = 0): boolean => {
      clock.advance(2_000);
      const isAsked = asked.length > 0;
      if (isAsked) answer({ requests, eventLoopLagMs: 0, eventLoopLagMaxMs });
      asked.length = 0;
      return isAsked;
    };
    look();
    answer({ requests: 7 });
    asked.length = 0;
    const idle = Array.from({ length: 14 }, () => round(7));
    expect(idle).toEqual([
      true,
      false,
      true,
      false,
      false,
      false,
      true,
      false,
      false,
      false,
      true,
      false,
      false,
      false,
    ]);
    expect([round(8), round(9), round(9, 80), round(9, 80)]).toEqual([true, true, true, true]);
    expect([round(9), round(9)]).toEqual([true, false]);
  });

  it('is told of where it is another value', () => {
    const { changed, clock, look, answer } = host();
    const end = look();
    const seen = (figures: object): readonly string[] => {
      clock.advance(2_000);
      answer(figures);
      return changed.splice(0);
    };
    expect(seen({ requests: 1 })).toEqual(['shop/api']);
    expect(seen({ requests: 1, eventLoopLagMs: 0.2, eventLoopLagMaxMs: 1.1 })).toEqual(['shop/api']);
    expect(seen({ requests: 1, eventLoopLagMs: 0.4, eventLoopLagMaxMs: 0.9 })).toEqual([]);
    expect(seen({ requests: 2, eventLoopLagMs: 0.4, eventLoopLagMaxMs: 0.9 })).toEqual(['shop/api']);
    end();
    expect(seen({ requests: 3 })).toEqual([]);
  });
});
