import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { afterAttempt, GIVE_UP_MS } from '../../../src/notify/decide/after-attempt.ts';
import { isTold, type HostFacts } from '../../../src/notify/decide/matches.ts';
import { MAX_ITEMS, nextStep } from '../../../src/notify/decide/next-step.ts';
import { MAX_WAITING } from '../../../src/notify/decide/queue.ts';
import { missed, takeEvent } from '../../../src/notify/decide/take-event.ts';
import { takeTime } from '../../../src/notify/decide/take-time.ts';
import type { Delivery, Item, ReceiverRecord } from '../../../src/notify/model/record.ts';
import type { Reason } from '../../../src/plan/model/reasons.ts';
import type { EventRecord } from '../../../src/state/model/types.ts';
import { event, facts, receiver, rule, T0 } from '../support.ts';

const HOUR = 3_600_000;

/** A receiver in a world whose time goes on, and what it was told. */
class Told {
  readonly deliveries: Delivery[] = [];
  now = T0;
  record: ReceiverRecord;
  readonly world: HostFacts;
  /** Whether it takes a message now. */
  readonly takes: (now: number) => boolean;
  #ids = 0;

  constructor(record: ReceiverRecord, world = facts(), takes: (now: number) => boolean = () => true) {
    this.record = record;
    this.world = world;
    this.takes = takes;
  }

  event(reason: Reason, more: Partial<EventRecord> = {}): this {
    this.record = takeEvent(
      this.record,
      event(this.record.seen + 1, reason, { at: this.now, ...more }),
      this.world,
      this.now,
    );
    return this;
  }

  /** Lets time pass, and does at each moment what is due. */
  pass(ms: number): this {
    const end = this.now + ms;
    for (;;) {
      this.record = takeTime(this.record, this.world, this.now);
      const step = nextStep(this.record, this.now, () => `id-${(this.#ids += 1)}`);
      if (step.kind === 'send') {
        this.record = step.record;
        const ok = this.takes(this.now);
        if (ok) this.deliveries.push(step.delivery);
        this.record = afterAttempt(
          this.record,
          step.delivery,
          { ok, message: 'x' },
          { now: this.now, random: 0.5 },
        );
        continue;
      }
      const next = step.until === null ? end : Math.min(end, Math.max(step.until, this.now + 1));
      if (this.now >= end) return this;
      this.now = next;
    }
  }

  get items(): readonly Item[] {
    return this.deliveries.flatMap(({ payload }) => (payload.kind === 'message' ? payload.items : []));
  }

  get said(): readonly string[] {
    return this.items.map(({ kind, reason, count }) => `${kind} ${reason} ${count}`);
  }
}

describe('what is wrong', () => {
  it('is told once, and when it is over', () => {
    const told = new Told(receiver()).event('BackOff').pass(10_000);
    told.event('BackOff').event('BackOff').pass(10_000);
    expect(told.said).toEqual(['problem BackOff 1']);
    told.event('Converged', { level: 'info' }).pass(29_000);
    expect(told.said).toHaveLength(1);
    told.pass(20_000);
    expect(told.said).toEqual(['problem BackOff 1', 'recovered Converged 3']);
    expect(told.record.issues).toEqual([]);
  });

  it('is not told anew when it comes back before it is over for a while', () => {
    const told = new Told(receiver()).event('BackOff').pass(10_000);
    for (let round = 0; round < 10; round++)
      told.event('Converged', { level: 'info' }).pass(20_000).event('BackOff').pass(20_000);
    expect(told.said).toEqual(['problem BackOff 1']);
  });

  it('is told again after the repeat interval, and never where there is none', () => {
    const told = new Told(receiver()).event('RolloutFailed').pass(9 * HOUR);
    expect(told.said).toEqual(['problem RolloutFailed 1', 'still RolloutFailed 0', 'still RolloutFailed 0']);
    const once = new Told(receiver({ repeatMs: null })).event('RolloutFailed').pass(48 * HOUR);
    expect(once.said).toEqual(['problem RolloutFailed 1']);
  });

  it('has no end where a restart has mended it: more of them are counted, and told after the interval', () => {
    const told = new Told(receiver()).event('MemoryLimit', { level: 'warning' }).pass(60_000);
    for (let more = 0; more < 5; more++) told.event('MemoryLimit', { level: 'warning' }).pass(60_000);
    expect(told.said).toEqual(['problem MemoryLimit 1']);
    told.pass(4 * HOUR);
    expect(told.said).toEqual(['problem MemoryLimit 1', 'still MemoryLimit 5']);
    told.pass(9 * HOUR);
    expect(told.said).toHaveLength(2);
    expect(told.record.issues).toEqual([]);
  });

  it('ends when no condition shows it any more, and when its app is gone', () => {
    const shown = ['LogWriteFailed'];
    const told = new Told(receiver(), facts(shown))
      .event('LogWriteFailed', { level: 'warning' })
      .pass(5 * 60_000);
    expect(told.said).toEqual(['problem LogWriteFailed 1']);
    shown.length = 0;
    told.pass(2 * 60_000);
    expect(told.said).toEqual(['problem LogWriteFailed 1', 'recovered LogWriteFailed 0']);
    const apps = new Set(['shop/api']);
    const world = facts([], {
      app: (key) => (apps.has(key) ? { labels: {}, source: null } : undefined),
    });
    const gone = new Told(receiver(), world).event('BackOff').pass(60_000);
    apps.clear();
    gone.pass(2 * 60_000);
    expect(gone.items.map(({ message }) => message)).toEqual(['what BackOff says', 'the app is gone']);
  });

  it('is another thing for another app, another bad version, another reason', () => {
    const told = new Told(receiver())
      .event('BackOff')
      .event('BackOff', { key: 'shop/web' })
      .event('SourceQuarantined', { key: null, source: 'repo', version: 'a1' })
      .event('SourceQuarantined', { key: null, source: 'repo', version: 'a1' })
      .event('SourceQuarantined', { key: null, source: 'repo', version: 'b2' })
      .event('MemoryLimit', { level: 'warning' })
      .event('LivenessFailed', { level: 'warning' })
      .pass(10_000);
    expect(told.items).toHaveLength(6);
    told.event('SourceHealthy', { level: 'info', key: null, source: 'repo', version: 'c3' }).pass(60_000);
    expect(told.said.slice(6)).toEqual(['recovered SourceHealthy 2', 'recovered SourceHealthy 1']);
  });
});

describe('a message', () => {
  it('tells together what comes within the group interval', () => {
    const told = new Told(receiver()).event('BackOff').pass(3_000).event('RolloutFailed').pass(10_000);
    expect(told.deliveries).toHaveLength(1);
    expect(told.items).toHaveLength(2);
  });

  it('lists the worst and counts the others by their reasons', () => {
    const told = new Told(receiver());
    for (let app = 0; app < 40; app++) {
      told.event('LogWriteFailed', { key: `shop/log${app}`, level: 'warning' });
      told.event('BackOff', { key: `shop/app${app}` });
    }
    told.pass(10_000);
    const [first] = told.deliveries;
    if (first?.payload.kind !== 'message') throw new Error('a message');
    expect(first.payload.items).toHaveLength(MAX_ITEMS);
    expect(first.payload.items.every(({ reason }) => reason === 'BackOff')).toBe(true);
    expect(first.payload.leftOut).toEqual({ count: 60, reasons: { BackOff: 20, LogWriteFailed: 40 } });
    expect(told.record.counts.leftOut).toBe(60);
  });

  it('counts what is no more on record', () => {
    const told = new Told(missed(receiver(), 101)).event('BackOff').pass(10_000);
    const [first] = told.deliveries;
    expect(first?.payload).toMatchObject({ leftOut: { count: 100, reasons: { Unknown: 100 } } });
  });

  it('keeps its id over all tries, waits longer after each, and is given up after a day', () => {
    const told = new Told(receiver({ repeatMs: null }), facts(), () => false).event('BackOff').pass(5_000);
    const ids = new Set<string>();
    const waits = [(told.record.delivery?.nextAt ?? 0) - told.now];
    for (;;) {
      told.pass(Math.max(1, (told.record.delivery?.nextAt ?? told.now + 5_000) - told.now));
      if (told.record.delivery === null) break;
      ids.add(told.record.delivery.id);
      waits.push(told.record.delivery.nextAt - told.now);
    }
    expect(ids.size).toBe(1);
    expect(waits.slice(0, 4)).toEqual([5_000, 10_000, 20_000, 40_000]);
    expect(Math.max(...waits)).toBe(15 * 60_000);
    expect(told.now - T0).toBeGreaterThanOrEqual(GIVE_UP_MS);
    expect(told.record.history[0]).toMatchObject({ outcome: 'given-up', items: 1 });
    expect(told.record.counts).toMatchObject({ delivered: 0, givenUp: 1 });
  });

  it('waits as long as the receiver asks, but not for ever', () => {
    const told = new Told(receiver()).event('BackOff').pass(1);
    const step = nextStep(told.record, T0 + 6_000, () => 'id');
    if (step.kind !== 'send') throw new Error('it is due');
    const at = { now: T0, random: 0.5 };
    const asked = (notBefore: number): number =>
      (afterAttempt(step.record, step.delivery, { ok: false, message: '', notBefore }, at).delivery?.nextAt ??
        0) - T0;
    expect(asked(T0 + 60_000)).toBe(60_000);
    expect(asked(T0 + 48 * HOUR)).toBe(15 * 60_000);
  });
});

describe('rules', () => {
  const at = (more: Partial<EventRecord>, reason: Reason = 'BackOff'): EventRecord => event(1, reason, more);
  it.each<[string, Parameters<typeof rule>[0], EventRecord, boolean]>([
    ['what is wrong, without reasons', {}, at({}), true],
    ['no news, without reasons', {}, at({ level: 'info' }, 'RolloutSucceeded'), false],
    [
      'news that are named',
      { reasons: ['RolloutSucceeded'] },
      at({ level: 'info' }, 'RolloutSucceeded'),
      true,
    ],
    ['a pattern of reasons', { reasons: ['Rollout*'] }, at({ level: 'info' }, 'RolloutSucceeded'), true],
    ['the severity', { severity: 'error' }, at({ level: 'warning' }, 'MemoryLimit'), false],
    ['the project', { projects: ['sh*'] }, at({}), true],
    ['another project', { projects: ['web'] }, at({}), false],
    ['no project, of the host', { projects: ['*'] }, at({ key: null }, 'StateUnwritten'), false],
    ['the app by its name', { apps: ['api'] }, at({}), true],
    ['the app by both names', { apps: ['shop/a*'] }, at({}), true],
    ['another app', { apps: ['web', 'other/*'] }, at({}), false],
    ['labels, all of them', { labels: { team: 'pay*' } }, at({}), true],
    ['a label that is not there', { labels: { team: '*', tier: '*' } }, at({}), false],
    ['the source that declares the app', { sources: ['repo'] }, at({}), true],
    [
      'the source itself',
      { sources: ['repo'] },
      at({ key: null, source: 'repo' }, 'SourceUnreachable'),
      true,
    ],
    ['everything that is given', { sources: ['repo'], apps: ['web'] }, at({}), false],
  ])('take %s', (_, given, happened, wanted) => {
    expect(isTold(happened, [rule(given)], facts())).toBe(wanted);
  });

  it('are ways to be told, one of which is enough', () => {
    const rules = [rule({ apps: ['web'] }), rule({ severity: 'error' })];
    expect(isTold(at({}), rules, facts())).toBe(true);
  });

  it('never tell a receiver of itself', () => {
    const own = new Told(receiver()).event('ReceiverFailing', { key: null, receiver: 'ops' }).pass(10_000);
    expect(own.said).toEqual([]);
    const other = new Told(receiver()).event('ReceiverFailing', { key: null, receiver: 'chat' }).pass(10_000);
    expect(other.said).toEqual(['problem ReceiverFailing 1']);
  });
});

const REASONS = [
  ['BackOff', 'error'],
  ['Converged', 'info'],
  ['MemoryLimit', 'warning'],
  ['RolloutFailed', 'error'],
  ['RolloutSucceeded', 'info'],
  ['StateUnwritten', 'warning'],
  ['StateWritten', 'info'],
  ['Exited', 'info'],
] as const;

it('loses no event silently, and never sends more than the limit, whatever comes and however the receiver is', () => {
  fc.assert(
    fc.property(
      fc.array(
        fc.record({
          what: fc.nat(REASONS.length - 1),
          app: fc.nat(60),
          times: fc.integer({ min: 1, max: 40 }),
          passMs: fc.oneof(fc.nat(2_000), fc.nat(600_000)),
        }),
        { maxLength: 40 },
      ),
      fc.integer({ min: 1, max: 5 }),
      fc.array(fc.boolean(), { minLength: 1, maxLength: 8 }),
      (steps, limit, works) => {
        const every = receiver({ limit, rules: [rule({ reasons: ['*'] })] });
        const told = new Told(
          every,
          facts(),
          (now) => works[Math.floor(now / 61_007) % works.length] ?? true,
        );
        let events = 0;
        for (const { what, app, times, passMs } of steps) {
          const [reason, level] = REASONS[what] ?? REASONS[0];
          const key = reason.startsWith('State') ? null : (`shop/app${app}` as const);
          for (let one = 0; one < times; one++) told.event(reason, { level, key });
          events += times;
          told.pass(passMs);
          expect(told.record.waiting.length).toBeLessThanOrEqual(MAX_WAITING);
        }
        const works24 = works.includes(true);
        if (works24) told.pass(30 * HOUR);
        const listed = told.items.reduce((sum, { count }) => sum + count, 0);
        const counted = told.deliveries.reduce(
          (sum, { payload }) => sum + (payload.kind === 'message' ? payload.leftOut.count : 0),
          0,
        );
        if (works24) expect(listed + counted).toBeGreaterThanOrEqual(events);
        const made = told.deliveries.map(({ madeAt }) => madeAt);
        for (const at of made) {
          expect(made.filter((other) => other > at - HOUR && other <= at).length).toBeLessThanOrEqual(limit);
        }
        expect(new Set(told.deliveries.map(({ id }) => id)).size).toBe(told.deliveries.length);
      },
    ),
    { numRuns: 40 },
  );
});
