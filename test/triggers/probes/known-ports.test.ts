import { describe, expect, it } from 'vitest';
import { eventually } from '../../support/eventually.ts';
import type { ListeningSocket } from '../../../src/triggers/probes/listen-table.ts';
import type { HeldSocket } from '../../../src/triggers/probes/listening-ports.ts';
import { KnownPorts, type AskedInstance } from '../../../src/triggers/probes/known-ports.ts';

const socket = (port: number, inode = `i${port}`): ListeningSocket => ({
  ...{ address: '0.0.0.0', port, inode, uid: 0 },
});

/** A host on which each pid has the sockets that stand here, and nothing else can be known. */
function host() {
  const open = new Map<number, readonly ListeningSocket[]>();
  const looked: number[][] = [];
  const behind: (() => void)[] = [];
  const clock = { now: 0 };
  const links = (pid: number): readonly HeldSocket[] =>
    (open.get(pid) ?? []).map(({ port, inode }) => ({ link: `${pid}:${inode}`, inode, port }));
  const ports = new KnownPorts({
    now: () => clock.now,
    readTable: () => Promise.resolve([...new Set([...open.values()].flat())]),
    look: (pids) => {
      looked.push([...pids]);
      return Promise.resolve(new Map(pids.map((pid) => [pid, links(pid)])));
    },
    isHeld: ({ link }) => [...open.keys()].some((pid) => links(pid).some((held) => held.link === link)),
    later: (work) => behind.push(work),
  });
  return { open, looked, behind, clock, ports };
}

const instance = (pid: number, more: Partial<AskedInstance> = {}): AskedInstance => ({
  ...{ pid, nonce: `n${pid}`, upMs: 60_000 },
  ...more,
});

describe('where processes listen', () => {
  it('is looked up once, while nothing can have changed', async () => {
    const { open, looked, ports } = host();
    open.set(1, [socket(80), socket(443)]).set(2, []);
    const all = [instance(1), instance(2)];
    for (let i = 0; i < 3; i++) {
      expect(await ports.of(all, all)).toEqual(
        new Map([
          [1, [80, 443]],
          [2, []],
        ]),
      );
    }
    expect(looked).toEqual([[1, 2]]);
  });

  it('is looked up of those alone that are asked about', async () => {
    const { open, looked, ports } = host();
    open.set(1, []).set(2, []);
    const all = [instance(1), instance(2)];
    await ports.of([instance(2)], all);
    await ports.of(all, all);
    expect(looked).toEqual([[2], [1]]);
  });

  it('is looked up again of all when a socket begins to listen, whoever has it', async () => {
    const { open, looked, ports } = host();
    open.set(1, []).set(2, []);
    const all = [instance(1), instance(2)];
    await ports.of(all, all);
    open.set(2, [socket(80)]);
    expect((await ports.of(all, all)).get(2)).toEqual([80]);
    expect(looked).toEqual([
      [1, 2],
      [1, 2],
    ]);
  });

  it('is looked up again of a process that has closed one, that another still has', async () => {
    const { open, looked, ports } = host();
    const shared = socket(80);
    open.set(1, [shared]).set(2, [shared]);
    const all = [instance(1), instance(2)];
    await ports.of(all, all);
    open.set(2, []);
    expect((await ports.of(all, all)).get(2)).toEqual([]);
    expect(looked).toEqual([[1, 2], [2]]);
  });

  it.each<[string, Partial<AskedInstance>, Partial<AskedInstance>]>([
    ['has said that it listens', {}, { listening: ['0.0.0.0:80'] }],
    ['is another one with the same number', {}, { nonce: 'other' }],
    ['was young when it was looked at', { upMs: 100 }, {}],
  ])('is looked up again of a process that %s', async (_, before, now) => {
    const { open, looked, ports } = host();
    open.set(1, []);
    await ports.of([instance(1, before)], [instance(1, before)]);
    await ports.of([instance(1, now)], [instance(1, now)]);
    expect(looked).toEqual([[1], [1]]);
  });

  it('is looked up again behind an answer that was old, once at a time', async () => {
    const { open, looked, behind, clock, ports } = host();
    const shared = socket(80);
    open.set(1, [shared]).set(2, []);
    const all = [instance(1), instance(2)];
    await ports.of(all, all);
    // It was handed to it, and nobody has said so.
    open.set(2, [shared]);
    clock.now = 60_000;
    for (let i = 0; i < 2; i++) expect((await ports.of(all, all)).get(2)).toEqual([]);
    expect(behind).toHaveLength(1);
    behind.shift()?.();
    await eventually(() => looked.length > 1);
    expect(looked).toHaveLength(2);
    expect((await ports.of(all, all)).get(2)).toEqual([80]);
    expect(looked).toHaveLength(2);
  });

  it('is nothing where the host does not tell', async () => {
    const ports = new KnownPorts({ now: () => 0, readTable: () => Promise.resolve(null) });
    expect(await ports.of([instance(1)], [instance(1)])).toEqual(new Map());
  });
});
