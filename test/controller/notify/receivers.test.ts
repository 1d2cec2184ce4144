import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { failingReceivers } from '../../../src/controller/notify/receiver-requests.ts';
import { Receivers } from '../../../src/controller/notify/receivers.ts';
import type { NotifyContext } from '../../../src/controller/notify/context.ts';
import type { ReceiverSpec } from '../../../src/notify/model/receiver.ts';
import type { Message, SendResult } from '../../../src/notify/send/jobs.ts';
import type { NewEvent } from '../../../src/state/events/event-log.ts';
import type { EventRecord } from '../../../src/state/model/types.ts';
import { FakeClock } from '../../support/fake-clock.ts';
import { eventually } from '../../support/eventually.ts';
import { event, facts, receiver } from '../../notify/support.ts';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'stw-receivers-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

/** Receivers on a disk of their own, whose world is in the hands of a test. */
class Rig {
  readonly clock = new FakeClock();
  readonly events: EventRecord[] = [];
  readonly sent: { readonly name: string; readonly message: Message }[] = [];
  answer: (name: string) => Promise<SendResult> = () => Promise.resolve(yes);
  readonly #listeners = new Set<(event: EventRecord) => void>();
  receivers = new Receivers(this.context());

  context(stateDir = folder): NotifyContext {
    return {
      stateDir,
      store: {
        appendEvent: (happened) => this.happen(happened),
        events: ({ after = 0, limit }) =>
          Promise.resolve(
            after === 0 && limit === 1
              ? this.events.slice(-1)
              : this.events.filter(({ seq }) => seq > after).slice(0, limit),
          ),
        resumeAt: (after) => after,
        subscribe: (listener) => {
          this.#listeners.add(listener);
          return () => this.#listeners.delete(listener);
        },
      },
      facts: facts(),
      clock: this.clock,
      random: () => 0.5,
      host: 'web-1',
      newId: (about) => `id of ${about}`,
      send: (target, message) => {
        const name = target.kind === 'exec' ? (target.command[0] ?? '') : target.kind;
        this.sent.push({ name, message });
        return this.answer(name);
      },
      log: () => undefined,
    };
  }

  happen(happened: NewEvent): EventRecord {
    const record = { ...happened, seq: this.events.length + 1 };
    this.events.push(record);
    for (const listener of this.#listeners) listener(record);
    return record;
  }

  problem(key: EventRecord['key'] = 'shop/api'): void {
    const { seq: _, ...happened } = event(0, 'BackOff', { key, at: this.clock.now() });
    this.happen(happened);
  }

  async declare(...names: readonly string[]): Promise<void> {
    const receivers = names.map((name) => exec(name));
    const done = await this.receivers.declare({
      receivers,
      prune: false,
      by: 'ann',
      command: 'notify apply',
    });
    expect(done.ok).toBe(true);
  }

  /** Waits until something holds; the time of the receivers goes on meanwhile, `ms` at each look. */
  async until(holds: () => boolean, ms = 0): Promise<void> {
    await eventually(() => {
      this.clock.advance(ms);
      return holds();
    });
  }

  told(name: string): number {
    return this.sent.filter((one) => one.name === name).length;
  }
}

const yes: SendResult = { ok: true, message: 'taken', steps: [] };
const no: SendResult = { ok: false, message: 'nobody there', steps: [] };

function exec(name: string): ReceiverSpec {
  const { spec } = receiver({ name, groupMs: 0, settleMs: 0 });
  return { ...spec, to: { kind: 'exec', command: [name], cwd: '/', timeoutMs: 1_000 } };
}

describe('receivers', () => {
  it('do not wait for one that stalls', async () => {
    const rig = new Rig();
    await rig.receivers.begin();
    rig.answer = (name) => (name === 'stalls' ? new Promise(() => undefined) : Promise.resolve(yes));
    await rig.declare('stalls', 'works');
    for (const [index, app] of (['shop/a', 'shop/b', 'shop/c'] as const).entries()) {
      rig.problem(app);
      await rig.until(
        () => rig.told('works') === index + 1 && rig.receivers.list().items[1]?.status.state === 'Idle',
      );
    }
    expect(rig.told('stalls')).toBe(1);
    expect(rig.receivers.list().items.map(({ status }) => status.state)).toEqual(['Sending', 'Idle']);
  });

  it('that are not reached for long are told of, to the others too, and when they are reached again', async () => {
    const rig = new Rig();
    await rig.receivers.begin();
    rig.answer = (name) => Promise.resolve(name === 'gone' ? no : yes);
    await rig.declare('gone', 'works');
    rig.problem();
    const reasons = (): readonly string[] => rig.events.map(({ reason }) => reason);
    await rig.until(() => rig.told('gone') >= 8 && rig.told('works') >= 2, 10_000);
    expect(reasons().filter((reason) => reason === 'ReceiverFailing')).toHaveLength(1);
    expect(failingReceivers(rig.receivers)).toMatchObject({
      receivers: [
        {
          name: 'gone',
          message: 'nobody there',
          hint: expect.stringContaining('notify test gone') as string,
        },
      ],
    });
    const titles = rig.sent.flatMap(({ name, message }) =>
      name === 'works' && message.kind === 'notification' ? [message.notification.title] : [],
    );
    expect(titles).toContain('receiver gone is not reached');
    rig.answer = () => Promise.resolve(yes);
    await rig.receivers.test('gone');
    await rig.until(() => reasons().includes('ReceiverReached'));
    expect(failingReceivers(rig.receivers)).toEqual({});
  });

  it('are told after another controller came what happened before it, and nothing twice', async () => {
    const rig = new Rig();
    await rig.receivers.begin();
    await rig.declare('ops');
    rig.problem('shop/a');
    await rig.until(() => rig.told('ops') === 1);
    await rig.receivers.close();
    rig.problem('shop/b');
    rig.receivers = new Receivers(rig.context());
    await rig.receivers.begin();
    await rig.until(() => rig.receivers.list().items[0]?.status.counts.delivered === 2);
    const ids = rig.sent.map(({ message }) =>
      message.kind === 'notification' ? message.notification.id : '',
    );
    expect(ids).toHaveLength(2);
    expect(new Set(ids).size).toBe(2);
  });

  it('are told of a disk that takes nothing, though what they are told cannot be written', async () => {
    const rig = new Rig();
    await rig.receivers.begin();
    await rig.declare('ops');
    rmSync(folder, { recursive: true });
    await import('node:fs').then(({ writeFileSync }) => writeFileSync(folder, 'no folder'));
    const { seq: _, ...happened } = event(0, 'StateUnwritten', { key: null, level: 'warning' });
    rig.happen(happened);
    await eventually(() => rig.told('ops') === 1);
    expect(rig.receivers.list().items[0]?.status.unwritten).toMatch(
      /cannot keep what is known of receiver ops/,
    );
  });

  it('that are removed leave nothing, and say what they were not told', async () => {
    const rig = new Rig();
    await rig.receivers.begin();
    rig.answer = () => Promise.resolve(no);
    await rig.declare('ops');
    rig.problem();
    await rig.until(() => rig.receivers.list().items[0]?.status.failing !== null);
    expect((await rig.receivers.remove({ name: 'ops', by: 'ann' })).ok).toBe(true);
    expect(rig.events.at(-1)?.message).toBe('receiver ops: removed by ann; 1 thing was not told');
    const again = new Receivers(rig.context());
    await again.begin();
    expect(again.list().items).toEqual([]);
    expect((await rig.receivers.remove({ name: 'ops', by: 'ann' })).ok).toBe(false);
  });
});
