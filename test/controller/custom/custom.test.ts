import { describe, expect, it } from 'vitest';
import { openCustom } from '../../../src/controller/custom/custom.ts';
import type { DriverEvent } from '../../../src/driver/driver.ts';
import type { Condition } from '../../../src/plan/model/health.ts';
import type { NewEvent } from '../../../src/state/events/event-log.ts';
import { makeApp, makeInstance } from '../../plan/fixtures.ts';
import { FakeClock } from '../../support/fake-clock.ts';

function host() {
  const clock = new FakeClock();
  const app = makeApp();
  const instance = { ...makeInstance(app), connected: true };
  const { nonce } = instance;
  const sent: Record<string, unknown>[] = [];
  const shown: (Condition | null)[] = [];
  const events: NewEvent[] = [];
  let tell: (event: DriverEvent) => void = () => undefined;
  const driver = {
    subscribe(listener: (event: DriverEvent) => void) {
      tell = listener;
      return () => undefined;
    },
    instance: (of: string) => (of === nonce ? instance : undefined),
    instances: () => [instance],
    instancesOf: () => [instance],
    send(_: string, message: unknown) {
      sent.push(message as Record<string, unknown>);
      return Promise.resolve({ ok: true as const, value: undefined });
    },
  };
  const store = {
    appendEvent: (event: NewEvent) => events.push(event),
    desired: () => [app],
    projects: () => [],
    idOf: () => 0,
    records: () => [],
  };
  const show = (_: string, __: string, condition: Condition | null) => void shown.push(condition);
  const custom = openCustom({ driver, store, clock, show } as unknown as Parameters<typeof openCustom>[0]);
  const say = (message: unknown) => tell({ kind: 'message', nonce, message });
  const act = (action: string, given: object = {}) =>
    custom.act({ selectors: [app.key], action, by: 'ann', ...given });
  const offer = (name: string) => say({ type: 'stateward:action', data: { name } });
  const offerIo = (name: string, type = 'custom') =>
    say({ type: 'axm:action', data: { action_name: name, action_type: type, arity: 2 } });
  const end = () => tell({ kind: 'instance', instance: { ...instance, state: 'exited' } });
  return { clock, custom, nonce, sent, shown, events, tell, say, act, offer, offerIo, end };
}

const outcome = async (acted: ReturnType<ReturnType<typeof host>['act']>) => {
  const answer = await acted;
  if (!answer.ok) throw new Error(answer.error.message);
  return answer.value.results[0];
};
/** What was sent is sent in a later turn. */
const turn = () => new Promise((resolve) => setImmediate(resolve));

describe('what an app reports and offers', () => {
  it('is asked of processes that run when the controller comes, and when the runner does', () => {
    const { sent, tell } = host();
    tell({ kind: 'connected', epoch: 'e' });
    expect(sent).toEqual([{ cmd: 'NODE_STATEWARD_OFFERS' }, { cmd: 'NODE_STATEWARD_OFFERS' }]);
  });

  it('is shown until the process ends', () => {
    const { custom, nonce, say, offer, end } = host();
    say({ type: 'stateward:metrics', data: { depth: { value: 3, unit: 'jobs' }, mode: 'warm' } });
    say({ type: 'stateward:metrics', data: { mode: null } });
    offer('flush');
    expect(custom.fieldsOf(nonce)).toEqual({
      metrics: [{ name: 'depth', value: 3, unit: 'jobs' }],
      actions: [{ name: 'flush' }],
    });
    end();
    expect(custom.fieldsOf(nonce)).toEqual({});
  });

  it('is what @pm2/io sends every second, and nothing else', () => {
    const { custom, nonce, say } = host();
    say({ type: 'axm:monitor', data: { a: { value: 1 }, b: { value: '2', unit: 'req/s' } } });
    say({ type: 'axm:monitor', data: { b: { value: 3 } } });
    expect(custom.fieldsOf(nonce).metrics).toEqual([{ name: 'b', value: 3 }]);
  });

  it('is bounded, and a condition says what is left out until it is less', () => {
    const { custom, nonce, shown, say } = host();
    const many = Object.fromEntries(
      Array.from({ length: 140 }, (_, index) => [`m${index}`, { value: index }]),
    );
    say({ type: 'axm:monitor', data: many });
    expect(custom.fieldsOf(nonce).metrics).toHaveLength(100);
    expect(shown.at(-1)).toMatchObject({ type: 'Reported', status: 'False', reason: 'ReportsDropped' });
    expect(shown.at(-1)?.message).toContain('slot 0: it reports 40 metrics more than the 100');
    say({ type: 'axm:monitor', data: { m1: { value: 1 } } });
    expect(shown.at(-1)).toBeNull();
  });

  it('is a condition where the runner has dropped messages of it', () => {
    const { nonce, shown, tell, end } = host();
    tell({ kind: 'notice', nonce, code: 'messages-dropped', message: 'some were dropped' });
    expect(shown.at(-1)?.message).toContain('come too fast');
    end();
    expect(shown.at(-1)).toBeNull();
  });

  it('is an event where it is an error, and a flood of them is counted', () => {
    const { clock, events, say } = host();
    const stack = 'TypeError: no\n    at node:internal/x\n    at pay (/app/pay.js:3:5)';
    for (let count = 0; count < 50; count++) {
      say({ type: 'process:exception', data: { name: 'TypeError', message: 'no', stack } });
    }
    expect(events).toHaveLength(10);
    expect(events[0]).toMatchObject({
      level: 'error',
      reason: 'ErrorReported',
      message: 'TypeError: no (at pay (/app/pay.js:3:5))',
    });
    clock.advance(10_000);
    say({ type: 'stateward:error', data: { message: 'once more' } });
    expect(events[10]?.message).toBe('Error: once more; 40 more errors came too fast to be told');
  });
});

describe('an action', () => {
  it('is asked by its id and gives the reply of that call, whatever else is replied', async () => {
    const { sent, say, act, offer } = host();
    offer('level');
    const [first, second] = [act('level', { parameter: 'debug' }), act('level')];
    await turn();
    const [one, two] = sent.slice(-2).map(({ data }) => data as { readonly id: string });
    expect(one).toMatchObject({ action: 'level', parameter: 'debug' });
    say({ type: 'stateward:reply', data: { id: 'other', value: 0 } });
    say({ type: 'stateward:reply', data: { id: two?.id, error: 'no level' } });
    say({ type: 'stateward:reply', data: { id: one?.id, value: { was: 'info' } } });
    expect(await outcome(first)).toMatchObject({ slot: 0, state: 'replied', reply: { was: 'info' } });
    expect(await outcome(second)).toMatchObject({ state: 'failed', message: 'no level' });
  });

  it('of @pm2/io is asked one at a time, because its reply does not say of which call it is', async () => {
    const { sent, say, act, offerIo } = host();
    offerIo('flush');
    const first = act('flush', { parameter: 'all' });
    await turn();
    expect(sent.at(-1)).toEqual({ msg: 'flush', action_name: 'flush', opts: 'all' });
    expect(await outcome(act('flush'))).toMatchObject({ state: 'notSent' });
    say({ type: 'axm:reply', data: { action_name: 'flush', return: 'done' } });
    expect(await outcome(first)).toMatchObject({ state: 'replied', reply: 'done' });
  });

  it('that is scoped replies in parts', async () => {
    const { sent, say, act, offerIo } = host();
    offerIo('tail', 'scoped');
    const asked = act('tail');
    await turn();
    const { uuid } = sent.at(-1) as { readonly uuid: string };
    for (const data of [1, 2]) say({ type: 'axm:scoped_action:stream', data: { uuid, data } });
    say({ type: 'axm:scoped_action:end', data: { uuid } });
    expect(await outcome(asked)).toMatchObject({ state: 'replied', reply: [1, 2] });
  });

  it('has a time to reply in, and does not outlive its process', async () => {
    const { clock, act, offer, end } = host();
    offer('slow');
    const late = act('slow', { timeoutMs: 2_000 });
    await turn();
    clock.advance(2_000);
    expect(await outcome(late)).toMatchObject({ state: 'timedOut', message: 'it has not replied within 2s' });
    const ended = act('slow');
    await turn();
    end();
    expect(await outcome(ended)).toMatchObject({ state: 'failed', message: 'it ended before it replied' });
  });

  it('that is not offered is not asked for, and what is offered is named', async () => {
    const { sent, act, offer } = host();
    expect(await outcome(act('flush'))).toMatchObject({
      state: 'notOffered',
      message: 'it offers no actions',
    });
    offer('level');
    const before = sent.length;
    expect(await outcome(act('flush'))).toMatchObject({ state: 'notOffered', offered: ['level'] });
    expect(sent).toHaveLength(before);
  });
});
