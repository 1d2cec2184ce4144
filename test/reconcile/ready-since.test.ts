import { expect, it } from 'vitest';
import type { ObservedInstance } from '../../src/plan/model/observed.ts';
import { ReadySince } from '../../src/reconcile/ready-since.ts';
import { makeApp, makeInstance } from '../plan/fixtures.ts';

const app = makeApp();

function scene() {
  const clock = { now: 0 };
  const ready = new ReadySince(() => clock.now);
  const look = (now: number, ...instances: readonly ObservedInstance[]) => {
    clock.now = now;
    return ready.observe(app, instances).map(({ readyForMs }) => readyForMs);
  };
  return look;
}

function instance(probedReady: boolean, nonce = 'a'): ObservedInstance {
  return makeInstance(app, { nonce, probedReady });
}

it('counts from the first look that finds a process ready', () => {
  const look = scene();
  expect(look(10, instance(false))).toEqual([undefined]);
  expect(look(20, instance(true))).toEqual([0]);
  expect(look(50, instance(true))).toEqual([30]);
});

it('begins anew after a break', () => {
  const look = scene();
  look(0, instance(true));
  look(10, instance(false));
  expect(look(20, instance(true))).toEqual([0]);
});

it('knows two processes of a slot apart, and forgets what is gone', () => {
  const look = scene();
  look(0, instance(true, 'old'));
  expect(look(30, instance(true, 'old'), instance(true, 'new'))).toEqual([30, 0]);
  expect(look(40, instance(true, 'new'))).toEqual([10]);
  expect(look(50, instance(true, 'old'))).toEqual([0]);
});

it('remembers of a process that it was ready, until it is gone', () => {
  const ready = new ReadySince(() => 0);
  const look = (...instances: readonly ObservedInstance[]) =>
    ready.observe(app, instances).map(({ wasReady }) => wasReady);
  expect(look(instance(false))).toEqual([undefined]);
  look(instance(true));
  const ended = { ...instance(true), state: 'exited' } as const;
  expect(look(ended)).toEqual([true]);
  expect(look(ended)).toEqual([true]);
  look();
  expect(look(ended)).toEqual([undefined]);
});
