import { describe, expect, it } from 'vitest';
import type { Driver, DriverEvent } from '../../../src/driver/driver.ts';
import { err, ok } from '../../../src/lib/result.ts';
import type { NotReady, ObservedInstance } from '../../../src/plan/model/observed.ts';
import { Traffic } from '../../../src/triggers/probes/traffic.ts';
import { makeApp, makeInstance } from '../../plan/fixtures.ts';
import { FakeClock } from '../../support/fake-clock.ts';

const APP = makeApp('web');
const TRAFFIC = 'NODE_STATEWARD_TRAFFIC';
const LISTENING = ['127.0.0.1:3000'];
const LACKS: NotReady = { forMs: 100, because: 'readiness probe: 503', isDue: true };
const UNDECIDED: NotReady = { ...LACKS, undecided: true };

const process = (nonce: string, lack: NotReady | null = null): ObservedInstance => ({
  ...makeInstance(APP, { nonce, state: 'running', connected: true, listening: LISTENING }),
  ...(lack === null ? { probedReady: true } : { probedReady: false, notReady: lack }),
});

/** `said`: what was said to whom since it was asked last. */
function rig(...first: readonly ObservedInstance[]) {
  const clock = new FakeClock();
  let instances = first;
  let isDesired = true;
  let canSend = true;
  const sent: string[] = [];
  const changes: string[] = [];
  const listeners = new Set<(event: DriverEvent) => void>();
  const driver = {
    instances: () => instances,
    instancesOf: () => instances,
    send: (nonce: string, message: unknown): ReturnType<Driver['send']> => {
      const { cmd, accept, forMs } = message as Record<string, unknown>;
      expect(cmd).toBe(TRAFFIC);
      sent.push(accept === true ? `${nonce} accept` : `${nonce} rest ${String(forMs)}`);
      return Promise.resolve(canSend ? ok(undefined) : err({ code: 'refused', message: 'no channel' }));
    },
    subscribe: (listener: (event: DriverEvent) => void) => {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
  };
  const traffic = new Traffic({
    ...{ clock, driver, observe: () => instances },
    desiredApp: () => (isDesired ? APP : undefined),
    onChange: (key) => changes.push(key),
  });
  const tell = (event: DriverEvent): void => {
    for (const listener of listeners) listener(event);
  };
  return {
    ...{ clock, traffic, tell, changes },
    now: (...next: readonly ObservedInstance[]): void => {
      instances = next;
      traffic.steer(APP.key);
    },
    undesire: () => void (isDesired = false),
    breakChannel: () => void (canSend = false),
    answer: (nonce: string, accept: boolean): void =>
      tell({ kind: 'message', nonce, message: { cmd: TRAFFIC, accept } }),
    said: (): readonly string[] => sent.splice(0),
    listeners,
  };
}

describe('an instance that is not ready', () => {
  it('leaves its connections to one that is, as long as it is told so again', () => {
    const { now, said, clock } = rig();
    now(process('a'), process('b', LACKS));
    expect(said()).toEqual(['b rest 15000']);
    now(process('a'), process('b', LACKS));
    expect(said()).toEqual([]);
    clock.advance(5_000);
    clock.advance(5_000);
    expect(said()).toEqual(['b rest 15000', 'b rest 15000']);
    now(process('a'), process('b'));
    expect(said()).toEqual(['b accept']);
    clock.advance(20_000);
    expect(said()).toEqual([]);
  });

  it.each([
    ['no other is ready', [process('a', LACKS)]],
    ['no other has what it listens on', [{ ...process('a'), listening: ['127.0.0.1:3001'] }]],
    ['the other is being stopped', [{ ...process('a'), state: 'stopping' as const }]],
    ['no message reaches the other any more', [{ ...process('a'), connected: false }]],
    ['it is alone', []],
  ])('takes them when %s', (_, others) => {
    const { now, said } = rig();
    now(process('a'), process('b', LACKS));
    expect(said()).toEqual(['b rest 15000']);
    now(...others, process('b', LACKS));
    expect(said()).toEqual(['b accept']);
  });

  it('is left alone where nothing says whether it is ready', () => {
    const { now, said } = rig();
    const { probedReady, ...rest } = process('b');
    expect(probedReady).toBe(true);
    now(process('a'), { ...rest, probedReady: null });
    expect(said()).toEqual([]);
  });

  it('takes no connections before its first probe, unless it ran before the controller did', () => {
    const { now, said, tell } = rig(process('b', UNDECIDED));
    tell({ kind: 'connected', epoch: 'e' });
    now(process('a'), process('b', UNDECIDED));
    expect(said()).toEqual([]);
    now(process('a'), process('b', UNDECIDED), process('c', UNDECIDED));
    expect(said()).toEqual(['c rest 15000']);
    now(process('a'), process('b', LACKS), process('c'));
    expect(said()).toEqual(['b rest 15000', 'c accept']);
  });

  it('takes them when its app is taken out of what is declared', () => {
    const { now, said, undesire } = rig();
    now(process('a'), process('b', LACKS));
    undesire();
    now(process('a'), process('b', LACKS));
    expect(said()).toEqual(['b rest 15000', 'b accept']);
  });

  it('is told again by a controller that has another runner, and when it could not be told', async () => {
    const { now, said, tell, breakChannel } = rig();
    now(process('a'), process('b', LACKS));
    tell({ kind: 'connected', epoch: 'other' });
    expect(said()).toEqual(['b rest 15000', 'b rest 15000']);
    breakChannel();
    now(process('a'), process('b'));
    await Promise.resolve();
    now(process('a'), process('b', LACKS));
    expect(said()).toEqual(['b accept', 'b rest 15000']);
  });

  it('is shown to rest when it says so, and not before', () => {
    const { now, traffic, answer, changes, tell } = rig();
    now(process('a'), process('b', LACKS));
    expect(traffic.rests('b')).toBe(false);
    answer('b', false);
    answer('b', false);
    expect([traffic.rests('b'), changes]).toEqual([true, [APP.key]]);
    answer('b', true);
    expect([traffic.rests('b'), changes.length]).toEqual([false, 2]);
    answer('b', false);
    tell({ kind: 'instance', instance: { ...process('b'), state: 'exited' } });
    expect(traffic.rests('b')).toBe(false);
  });

  it('hears nothing more when the controller ends', () => {
    const { now, said, clock, traffic, listeners } = rig();
    now(process('a'), process('b', LACKS));
    traffic.close();
    said();
    clock.advance(20_000);
    expect(said()).toEqual([]);
    expect(listeners.size).toBe(0);
  });
});
