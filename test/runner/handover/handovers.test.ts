import { expect, test } from 'vitest';
import { Awaited } from '../../../src/runner/handover/awaited.ts';
import { Handovers, type HandoverContext } from '../../../src/runner/handover/handovers.ts';
import type { Instance } from '../../../src/runner/instances/instance.ts';
import { FakeClock } from '../../support/fake-clock.ts';

const instance = (nonce: string, listening: Instance['listening']): Instance =>
  ({
    nonce,
    listening,
    adopted: true,
    channel: null,
    phase: { state: 'running' },
    handover: 'awaited',
  }) as unknown as Instance;

const SOCKET = { address: '127.0.0.1', port: 80 } as unknown as NonNullable<Instance['listening']>[number];

function handovers(...instances: readonly Instance[]) {
  const clock = new FakeClock();
  const awaited = new Awaited();
  const context = {
    clock,
    awaited,
    instances: new Map(instances.map((one) => [one.nonce, one])),
    publishInstance: () => undefined,
  };
  let isOver = false;
  const begun = new Handovers(context as unknown as HandoverContext).begin(100).then(() => (isOver = true));
  const turn = async (): Promise<boolean> => {
    await new Promise((resolve) => setImmediate(resolve));
    return isOver;
  };
  return { clock, awaited, begun, turn };
}

test('nobody waits for agents that have no socket to hand over, and nothing of theirs is missing yet', async () => {
  const idle = instance('idle', []);
  const { clock, turn, awaited } = handovers(idle, instance('silent', null));
  expect(await turn()).toBe(true);
  expect([idle.handover, awaited.size]).toEqual(['awaited', 2]);
  clock.advance(3_000);
  expect([idle.handover, awaited.size]).toEqual(['missing', 0]);
});

test('one with a socket is waited for until it has come, or its time is over', async () => {
  const web = instance('web', [SOCKET]);
  const came = handovers(web, instance('idle', null));
  expect(await came.turn()).toBe(false);
  came.awaited.settle(web);
  expect(await came.turn()).toBe(true);
  const late = handovers(instance('web', [SOCKET]));
  late.clock.advance(99);
  expect(await late.turn()).toBe(false);
  late.clock.advance(1);
  expect(await late.turn()).toBe(true);
});
