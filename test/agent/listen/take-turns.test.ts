import { EventEmitter } from 'node:events';
import { performance } from 'node:perf_hooks';
import { afterEach, describe, expect, test, vi } from 'vitest';
import type { ListeningServer } from '../../../src/agent/listen/cluster-hook.ts';
import { takeTurns } from '../../../src/agent/listen/take-turns.ts';

afterEach(() => {
  vi.restoreAllMocks();
});

/** A server that is given connections in one turn of the loop, and how often it slept. */
function served() {
  const wait = vi.spyOn(Atomics, 'wait').mockReturnValue('timed-out');
  const server = { _connections: 0 };
  const seen: unknown[][] = [];
  const handle = {
    close: () => undefined,
    onconnection(this: unknown, ...args: unknown[]): string {
      expect(this).toBe(handle);
      seen.push(args);
      server._connections += 1;
      return 'result';
    },
  };
  takeTurns(server as unknown as ListeningServer, handle);
  const slept = (count: number): number => {
    wait.mockClear();
    for (let i = 0; i < count; i++) expect(handle.onconnection(0, 'client')).toBe('result');
    return wait.mock.calls.length;
  };
  return { server, handle, seen, slept };
}

/** Until the loop has really waited for so long; 10: longer than counts by far. */
async function idle(ms = 10): Promise<void> {
  const { nodeTiming } = performance;
  const from = nodeTiming.idleTime;
  while (nodeTiming.idleTime - from < ms) await new Promise((resolve) => setTimeout(resolve, ms));
}

describe('a process that shares a socket', () => {
  test('leaves each next connection to the others while more come at once, but for the first', () => {
    const { slept, seen } = served();
    expect(slept(64)).toBe(63);
    expect(seen).toHaveLength(64);
    expect(seen[0]).toEqual([0, 'client']);
  });

  test('sleeps for none of the connections that take the place of others', () => {
    const { server, slept } = served();
    slept(60);
    server._connections -= 30;
    expect(slept(30)).toBe(0);
    expect(slept(1)).toBe(1);
  });

  test('sleeps seldom when thousands come', () => {
    const { server, slept } = served();
    slept(1);
    server._connections = 4_096;
    expect(slept(1)).toBe(1);
    expect(slept(64)).toBe(0);
    expect(slept(66 * 9)).toBe(9);
  });

  test('lets nobody wait who comes alone', async () => {
    const { slept } = served();
    expect(slept(1)).toBe(0);
    for (let i = 0; i < 3; i++) {
      await idle();
      expect(slept(1)).toBe(0);
    }
    expect(slept(1)).toBe(1);
  });

  test('has no more turns for what it had before, where the next come as soon as they have gone', async () => {
    const { server, slept } = served();
    expect(slept(64)).toBe(63);
    server._connections = 0;
    await idle(2);
    expect(slept(64)).toBe(63);
  });

  test('is left as it is where it listens for datagrams', () => {
    const handle = { close: () => undefined };
    takeTurns(new EventEmitter() as ListeningServer, handle);
    expect(handle).not.toHaveProperty('onconnection');
  });
});
