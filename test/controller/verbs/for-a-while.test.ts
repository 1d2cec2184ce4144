import { describe, expect, it } from 'vitest';
import { endOverrides } from '../../../src/controller/verbs/end-overrides.ts';
import { verbEffect } from '../../../src/controller/verbs/verb-effects.ts';
import type { Override } from '../../../src/plan/model/desired.ts';
import { leftAt } from '../../../src/plan/model/override-end.ts';
import { eventually } from '../../support/eventually.ts';
import { FakeClock } from '../../support/fake-clock.ts';
import { makeApp, NOW } from '../../plan/fixtures.ts';
import { openedStore, temporaryFolder } from '../../state/folder.ts';
import { accepted, appSpec } from '../../state/specs.ts';

const by = { by: 'ann', at: NOW };
const asked = { by: 'ann', command: '', selectors: ['api'] };

/** The override that a verb sets on an app which has this one; undefined: it changes nothing. */
function setBy(
  verb: { verb: 'stop'; forMs?: number } | { verb: 'scale'; instances: number; forMs?: number },
  override: Override | null = null,
): Override | null | undefined {
  const target = { app: makeApp('api', { override }), slot: null };
  const effect = verbEffect(target, { ...verb, ...asked }, { health: undefined, now: NOW });
  const fact = effect.ok ? effect.value.facts.at(-1) : undefined;
  return fact?.kind === 'override-set' ? fact.override : undefined;
}

const scaled: Override = { instances: 4, instancesUntil: NOW + 100, ...by };
const stopped: Override = { run: 'stopped', runUntil: NOW + 50, ...by };

describe('a verb for a while', () => {
  it('says when it ends, each part for itself', () => {
    expect(setBy({ verb: 'scale', instances: 4, forMs: 100 })).toEqual(scaled);
    expect(setBy({ verb: 'stop', forMs: 50 })).toEqual(stopped);
    expect(setBy({ verb: 'stop', forMs: 50 }, scaled)).toEqual({ ...scaled, ...stopped });
    expect(setBy({ verb: 'scale', instances: 4, forMs: 100 }, stopped)).toEqual({ ...scaled, ...stopped });
  });

  it('can be made to last, shorter, or longer afterwards', () => {
    expect(setBy({ verb: 'scale', instances: 4 }, scaled)).toEqual({ instances: 4, ...by });
    expect(setBy({ verb: 'scale', instances: 4, forMs: 100 }, scaled)).toBeUndefined();
    expect(setBy({ verb: 'scale', instances: 4, forMs: 900 }, scaled)).toMatchObject({
      instancesUntil: NOW + 900,
    });
    expect(setBy({ verb: 'stop' }, stopped)).toEqual({ run: 'stopped', ...by });
    expect(setBy({ verb: 'stop' }, { run: 'stopped', ...by })).toBeUndefined();
  });

  it('leaves nothing of it behind when the declared number is asked for', () => {
    expect(setBy({ verb: 'scale', instances: makeApp().spec.instances }, scaled)).toBeNull();
  });
});

describe('what is left of an override', () => {
  it.each<[string, Override, number, Override | null]>([
    ['all of it before its end', scaled, NOW + 99, scaled],
    ['nothing at its end', scaled, NOW + 100, null],
    ['the part that lasts longer', { ...scaled, ...stopped }, NOW + 50, scaled],
    ['the part that has no end', { ...scaled, run: 'stopped' }, NOW + 100, { run: 'stopped', ...by }],
    ['all of what never ends', { run: 'running', ...by }, 9e15, { run: 'running', ...by }],
  ])('is %s', (_, override, now, left) => {
    expect(leftAt(override, now)).toEqual(left);
  });
});

describe('overrides whose time is over', () => {
  async function rig() {
    const clock = new FakeClock(0);
    const store = await openedStore(temporaryFolder());
    await store.commit(accepted('shop', [appSpec({ name: 'api' }), appSpec({ name: 'web' })]));
    const set = (name: 'api' | 'web', override: Override | null) =>
      store.commit({ kind: 'override-set', key: `shop/${name}`, override });
    const of = (name: 'api' | 'web') => store.desiredApp(`shop/${name}`)?.override;
    return { clock, store, set, of };
  }

  it('are taken back, one after the other, and an event says so', async () => {
    const { clock, store, set, of } = await rig();
    const close = endOverrides({ store, clock });
    await set('api', { instances: 4, instancesUntil: 100, by: 'ann', at: 0 });
    await set('web', { run: 'stopped', runUntil: 200, by: 'bob', at: 0 });
    clock.advance(100);
    await eventually(() => of('api') === null);
    expect(of('web')).not.toBeNull();
    const [event] = (await store.events({ limit: 1 })).slice(-1);
    expect(event).toMatchObject({ reason: 'OverrideEnded', key: 'shop/api' });
    expect(event?.message).toContain('scaled to 4 by ann for a while');
    await eventually(() => clock.nextDelayMs() === 100);
    clock.advance(100);
    await eventually(() => of('web') === null);
    expect(clock.nextDelayMs()).toBeUndefined();
    close();
  });

  it('are taken back by a controller that comes up later', async () => {
    const { clock, store, set, of } = await rig();
    await set('api', { instances: 4, instancesUntil: 100, by: 'ann', at: 0 });
    clock.advance(5_000);
    const close = endOverrides({ store, clock });
    clock.advance(0);
    await eventually(() => of('api') === null);
    close();
  });

  it('keep nobody waiting once the app is applied again', async () => {
    const { clock, store, set } = await rig();
    const close = endOverrides({ store, clock });
    await set('api', { instances: 4, instancesUntil: 100, by: 'ann', at: 0 });
    await set('api', null);
    expect(clock.nextDelayMs()).toBeUndefined();
    close();
  });

  it('last as long as they were to when the clock is set', async () => {
    const { store, set, of } = await rig();
    await set('api', { instances: 4, instancesUntil: 100, by: 'ann', at: 0 });
    await store.commit({ kind: 'clock-set', byMs: 1_000 });
    expect(of('api')).toMatchObject({ instancesUntil: 1_100 });
  });
});
