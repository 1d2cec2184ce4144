import fc from 'fast-check';
import { beforeEach, describe, expect, test } from 'vitest';
import { errnoOf, type BindRequest, type BoundSocket } from '../../src/runner/sockets/bind-socket.ts';
import type { ListenRequest } from '../../src/runner/sockets/listen-request.ts';
import { SharedSockets } from '../../src/runner/sockets/shared-sockets.ts';
import type { SocketAddress } from '../../src/runner/sockets/socket-address.ts';

/** A kernel with one rule: an address is bound once. */
class FakeKernel {
  readonly bound = new Set<string>();
  binds = 0;
  #nextPort = 50_000;

  bind({ address, port }: BindRequest): BoundSocket | number {
    const name = `${address ?? '::'}:${port === 0 ? this.#nextPort++ : port}`;
    if (this.bound.has(name)) return errnoOf('EADDRINUSE');
    this.bound.add(name);
    this.binds += 1;
    const given = Number(name.slice(name.lastIndexOf(':') + 1));
    const handle = { close: () => void this.bound.delete(name) };
    return { handle, address: { kind: 'tcp', host: address ?? '::', port: given } };
  }
}

let kernel: FakeKernel;
let sockets: SharedSockets;
beforeEach(() => {
  kernel = new FakeKernel();
  sockets = new SharedSockets((request) => kernel.bind(request));
});

function ask(nonce: string, overrides: Partial<ListenRequest> = {}): ListenRequest {
  const flags = { readableAll: false, writableAll: false, flags: 0 };
  const where = { address: '127.0.0.1', port: 3000, addressType: 4 } as const;
  return { app: 'shop/api', nonce, id: 1, index: 0, data: null, ...where, ...flags, ...overrides };
}

describe('shared sockets', () => {
  test('are bound once and closed after the last', () => {
    expect(sockets.take(ask('a'))).toEqual(sockets.take(ask('b')));
    expect(kernel.binds).toBe(1);
    sockets.giveBack({ nonce: 'a', id: 1 });
    expect([...kernel.bound]).toEqual(['127.0.0.1:3000']);
    sockets.ended('b');
    expect(kernel.bound.size).toBe(0);
  });

  test('have the data of the first', () => {
    sockets.take(ask('a', { data: 'keys' }));
    expect(sockets.take(ask('b', { data: 'others' }))).toMatchObject({ data: 'keys' });
  });

  test('are of one app', () => {
    sockets.take(ask('a'));
    expect(sockets.take(ask('b', { app: 'shop/web' }))).toEqual({
      errno: errnoOf('EADDRINUSE'),
      note: 'the app shop/api has it',
    });
  });

  test('count as what an instance listens on only when it does', () => {
    sockets.take(ask('a'));
    sockets.take(ask('a', { id: 2, port: 0, index: 0 }));
    expect(sockets.addressesOf('a')).toEqual([]);
    sockets.listens({ nonce: 'a', id: 2 });
    sockets.listens({ nonce: 'a', id: 1 });
    expect(sockets.addressesOf('a')).toEqual(['127.0.0.1:3000', '127.0.0.1:50000']);
    expect(sockets.addressesOf('b')).toEqual([]);
  });

  test('are refused to one that asks for more than any app has', () => {
    for (let id = 0; id < 1_000; id++) sockets.take(ask('a', { id, index: id, port: 0 }));
    const next = ask('a', { id: 1_000, index: 1_000, port: 0 });
    expect(sockets.take(next)).toEqual({ errno: errnoOf('EMFILE'), note: null });
    expect(sockets.take({ ...next, nonce: 'b' })).toHaveProperty('handle');
  });

  test('of an earlier runner are named until the last that has them ends', () => {
    const address: SocketAddress = { kind: 'tcp', host: '127.0.0.1', port: 3000 };
    for (const nonce of ['old', 'older']) sockets.addLost({ app: 'shop/api', nonce, address });
    expect(sockets.take(ask('a'))).toMatchObject({
      note: 'instances of this app that an earlier runner started hold it until they end',
    });
    expect(sockets.take(ask('b', { app: 'shop/web' }))).toMatchObject({ note: 'the app shop/api has it' });
    expect(sockets.ended('old')).toEqual([]);
    expect(sockets.ended('older')).toEqual([address]);
    expect(sockets.take(ask('a'))).toHaveProperty('handle');
  });

  test('that an earlier runner bound are shared again with the first that hands them over', () => {
    const address: SocketAddress = { kind: 'tcp', host: '127.0.0.1', port: 3000 };
    for (const nonce of ['old', 'older']) sockets.addLost({ app: 'shop/api', nonce, address });
    const closed: string[] = [];
    for (const nonce of ['old', 'older']) {
      const handle = { close: () => void closed.push(`copy of ${nonce}`) };
      sockets.handedOver(ask(nonce, { id: 7 }), { handle, address }, () => closed.push(nonce));
    }
    expect(closed).toEqual(['copy of older']);
    expect(sockets.has(ask('new'))).toBe(true);
    expect(sockets.take(ask('new'))).toHaveProperty('handle');
    expect(sockets.addressesOf('older')).toEqual(['127.0.0.1:3000']);
    for (const nonce of ['old', 'new']) expect(sockets.ended(nonce)).toEqual([]);
    sockets.giveBack({ nonce: 'older', id: 7 });
    expect(closed).toEqual(['copy of older', 'old']);
    expect(kernel.binds).toBe(0);
  });

  test('that were bound meanwhile under the same name are kept apart from what is handed over', () => {
    sockets.take(ask('new', { port: 0 }));
    const address: SocketAddress = { kind: 'tcp', host: '127.0.0.1', port: 4000 };
    const handle = { close: () => undefined };
    sockets.handedOver(ask('old', { port: 0 }), { handle, address }, () => undefined);
    sockets.listens({ nonce: 'new', id: 1 });
    expect(sockets.addressesOf('new')).toEqual(['127.0.0.1:50000']);
    expect(sockets.addressesOf('old')).toEqual(['127.0.0.1:4000']);
  });

  test('that were not all handed over count until it has been said that they were', () => {
    const address: SocketAddress = { kind: 'tcp', host: '127.0.0.1', port: 3000 };
    sockets.addLost({ app: 'shop/api', nonce: 'old', address });
    expect(sockets.take(ask('a'))).toHaveProperty('errno');
    sockets.handedOverAll('old');
    expect(sockets.take(ask('a'))).toHaveProperty('handle');
  });

  test('are bound exactly while somebody has them, whatever comes', () => {
    const step = fc.record({
      act: fc.constantFrom('take', 'give back', 'end'),
      nonce: fc.constantFrom('a', 'b', 'c'),
      id: fc.integer({ min: 0, max: 2 }),
    });
    fc.assert(
      fc.property(fc.array(step, { maxLength: 40 }), (steps) => {
        kernel = new FakeKernel();
        sockets = new SharedSockets((request) => kernel.bind(request));
        const had = new Set<string>();
        for (const { act, nonce, id } of steps) {
          const address = `127.0.0.${id + 1}`;
          if (act === 'take') {
            sockets.take(ask(nonce, { id, address }));
            had.add(`${nonce} ${address}:3000`);
          } else if (act === 'give back') {
            sockets.giveBack({ nonce, id });
            had.delete(`${nonce} ${address}:3000`);
          } else {
            sockets.ended(nonce);
            for (const share of had) if (share.startsWith(`${nonce} `)) had.delete(share);
          }
          expect(kernel.bound).toEqual(new Set([...had].map((share) => share.slice(2))));
        }
      }),
    );
  });
});
