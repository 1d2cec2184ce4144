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
    ['n1', { nonce: 'n1', state: 'running', connected: true }],
    ['n2', { nonce: 'n2', state: 'running', connected: false }],
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
  const answer = (figures: object, nonce = 'n1') =>
    listener?.({ kind: 'message', nonce, message: { cmd: CMD, ...figures } });
  return { clock, asked, instances, table, answer, listens: () => listener !== null };
}

describe('what agents measure', () => {
  it('is asked for while somebody looks, of processes with a channel', () => {
    const { clock, asked, table, listens } = host();
    clock.advance(10_000);
    expect([asked, listens()]).toEqual([[], false]);
    const [first, second] = [table.look(), table.look()];
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
    const { clock, table, answer } = host();
    const end = table.look();
    answer({ requests: 10, eventLoopLagMs: null, eventLoopLagMaxMs: null });
    expect(table.of('n1')).toMatchObject({ requests: 10, requestsPerMinute: null, eventLoopLagMs: null });
    clock.advance(2_000);
    answer({ requests: 30, eventLoopLagMs: 1.5, eventLoopLagMaxMs: 40 });
    expect(table.of('n1')).toMatchObject({
      requestsPerMinute: 600,
      eventLoopLagMs: 1.5,
      eventLoopLagMaxMs: 40,
    });
    clock.advance(2_000);
    answer({ requests: 0, eventLoopLagMs: 0, eventLoopLagMaxMs: 0 });
    expect(table.of('n1')).toMatchObject({ requestsPerMinute: null });
    end();
    expect(table.of('n1')).toBeUndefined();
  });

  it('is nothing of an app that writes something else there', () => {
    const { table, answer } = host();
    table.look();
    answer({ requests: 'many' });
    answer({ requests: -1 });
    expect(table.of('n1')).toBeUndefined();
    answer({ requests: 1, eventLoopLagMs: {}, eventLoopLagMaxMs: Infinity });
    expect(table.of('n1')).toMatchObject({ eventLoopLagMs: null, eventLoopLagMaxMs: null });
  });

  it('is forgotten with the process', () => {
    const { clock, instances, table, answer } = host();
    table.look();
    answer({ requests: 1 });
    instances.delete('n1');
    clock.advance(2_000);
    expect(table.of('n1')).toBeUndefined();
  });
});
