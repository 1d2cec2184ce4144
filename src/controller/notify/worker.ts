import type { Cancel } from '../../lib/clocks/clock.ts';
import type { Failure } from '../../lib/failure.ts';
import { errorMessage } from '../../lib/system-error.ts';
import { afterAttempt } from '../../notify/decide/after-attempt.ts';
import { nextStep } from '../../notify/decide/next-step.ts';
import { missed, takeEvent } from '../../notify/decide/take-event.ts';
import { takeStatus } from '../../notify/decide/take-status.ts';
import { takeTime } from '../../notify/decide/take-time.ts';
import type { Delivery, ReceiverRecord } from '../../notify/model/record.ts';
import type { Message } from '../../notify/send/jobs.ts';
import { notificationOf } from '../../notify/render/notification.ts';
import { failpoint } from '../../lib/failpoints/failpoint.ts';
import type { EventRecord } from '../../state/model/types.ts';
import { createSerialQueue } from '../../state/serial-queue.ts';
import { writeRecord } from './book.ts';
import type { NotifyContext } from './context.ts';

/** What is decided is written so soon: until then, the events that it follows from are read again after a crash. */
const WRITE_MS = 2_000;
/** How long is waited for more changes before they are looked at. */
const LOOK_MS = 1_000;
/** So many events are read again after a crash at most, where none of them changes anything. */
const MOST_READ_AGAIN = 500;
/** After so many tries in a row, people are told that a receiver is not reached. */
export const TOLD_AFTER = 5;

/**
 * Tells one receiver what it is to be told: one message at a time, written down before it is sent. Whatever the receiver
 * does, nobody else waits for it.
 */
export class ReceiverWorker {
  readonly #context: NotifyContext;
  #record: ReceiverRecord;
  #written: ReceiverRecord | null = null;
  #writeFailure: Failure | null = null;
  #works = false;
  #poked = false;
  #again = false;
  #closed = false;
  #dropped = false;
  #cancel: Cancel = () => undefined;
  readonly #oneWrite = createSerialQueue();

  constructor(record: ReceiverRecord, context: NotifyContext) {
    this.#record = record;
    this.#context = context;
  }

  get record(): ReceiverRecord {
    return this.#record;
  }

  /** Why what is known is not on disk; null: it is, or will be in a moment. */
  get writeFailure(): Failure | null {
    return this.#writeFailure;
  }

  /** Goes on from what is on disk, with the first event that is still known. */
  begin(firstKnown: number): void {
    this.#record = missed(this.#record, firstKnown);
    this.wake();
  }

  take(event: EventRecord): void {
    const { facts, clock } = this.#context;
    const before = this.#record;
    this.#record =
      before.spec.to.kind === 'commit_status'
        ? takeStatus(before, event, facts)
        : takeEvent(before, event, facts, clock.now());
    const isSame = isSaidAlike(before, this.#record);
    if (!isSame || this.#record.seen - (this.#written?.seen ?? 0) > MOST_READ_AGAIN) this.wake();
  }

  /** Something has changed that may end what is wrong. Many changes at once are one look. */
  poke(): void {
    if (this.#poked || this.#record.issues.length === 0) return;
    this.#poked = true;
    this.#context.clock.after(LOOK_MS, () => {
      this.#poked = false;
      this.wake();
    });
  }

  /** Takes another declaration, when that is durable. Gives why it is not; null: it is. */
  async replace(change: (record: ReceiverRecord) => ReceiverRecord): Promise<Failure | null> {
    const { spec, declared } = this.#record;
    this.#record = change(this.#record);
    await this.#write();
    const failure = this.#writeFailure;
    if (failure !== null) this.#record = { ...this.#record, spec, declared };
    this.wake();
    return failure;
  }

  /** It is reached: what waits for another try waits no longer. */
  hurry(): void {
    const { delivery } = this.#record;
    if (delivery !== null) this.#record = { ...this.#record, delivery: { ...delivery, nextAt: 0 } };
    this.wake();
  }

  wake(): void {
    if (this.#closed) return;
    this.#again = true;
    if (this.#works) return;
    this.#works = true;
    void this.#run().finally(() => {
      this.#works = false;
      if (this.#again) this.wake();
    });
  }

  /** Ends it; what is not on disk yet is written, unless `drop` says that it is not wanted any more. */
  async close({ drop = false }: { readonly drop?: boolean } = {}): Promise<void> {
    this.#closed = true;
    this.#again = false;
    this.#cancel();
    this.#dropped = drop;
    await this.#write();
  }

  async #run(): Promise<void> {
    const { clock, facts, newId, log } = this.#context;
    try {
      while (this.#again && !this.#closed) {
        this.#again = false;
        this.#cancel();
        this.#record = takeTime(this.#record, facts, clock.now());
        const step = nextStep(this.#record, clock.now(), newId);
        if (step.kind === 'wait') {
          this.#waitUntil(step.until);
          continue;
        }
        this.#record = step.record;
        // A disk that takes nothing may be what there is to tell: then it is sent all the same.
        await this.#write();
        failpoint('notify.queued');
        await this.#send(step.delivery);
        this.#again = true;
      }
    } catch (error) {
      log(`notify: internal error at receiver ${this.#record.spec.name}: ${errorMessage(error)}`);
      this.#again = false;
    }
  }

  async #send(delivery: Delivery): Promise<void> {
    const { clock, host, random, send } = this.#context;
    const { spec } = this.#record;
    const result = await send(spec.to, messageOf(delivery, { host, receiver: spec.name }));
    failpoint('notify.sent');
    if (this.#closed) return;
    const now = clock.now();
    const { ok, message, retryAfterMs } = result;
    const notBefore = retryAfterMs === undefined ? {} : { notBefore: now + retryAfterMs };
    const before = this.#record;
    this.#record = afterAttempt(before, delivery, { ok, message, ...notBefore }, { now, random: random() });
    this.#tellOf(before);
    await this.#write();
  }

  /** Says once that the receiver is not reached, that it is again, and what was given up. */
  #tellOf(before: ReceiverRecord): void {
    const { failing, spec, counts } = this.#record;
    if (failing !== null && !failing.told && failing.attempts >= TOLD_AFTER) {
      this.#record = { ...this.#record, failing: { ...failing, told: true } };
      this.#tell('warning', 'ReceiverFailing', `receiver ${spec.name} is not reached: ${failing.message}`);
    }
    if (before.failing?.told === true && failing === null) {
      this.#tell('info', 'ReceiverReached', `receiver ${spec.name} is reached again`);
    }
    if (counts.givenUp > before.counts.givenUp) {
      const title = this.#record.history[0]?.title ?? '';
      this.#tell('warning', 'NotificationGivenUp', `receiver ${spec.name} was not told: ${title}`);
    }
  }

  #tell(level: EventRecord['level'], reason: EventRecord['reason'], message: string): void {
    const { store, clock } = this.#context;
    store.appendEvent({
      ...{ at: clock.now(), level, reason, message, receiver: this.#record.spec.name },
      ...{ key: null, slot: null, pid: null, generation: null },
    });
  }

  #waitUntil(until: number | null): void {
    const { clock } = this.#context;
    const isWritten = this.#written === this.#record;
    const waitMs = until === null ? null : Math.max(0, until - clock.now());
    const delay = isWritten ? waitMs : Math.min(WRITE_MS, waitMs ?? WRITE_MS);
    if (delay === null) return;
    this.#cancel = clock.after(delay, () => {
      void this.#write().finally(() => this.wake());
    });
  }

  #write(): Promise<void> {
    return this.#oneWrite(async () => {
      const record = this.#record;
      if (this.#written === record || this.#dropped) return;
      const written = await writeRecord(this.#context.stateDir, record);
      this.#writeFailure = written.ok ? null : written.error;
      // What could not be written is tried again with the next change, not all the time.
      this.#written = record;
    });
  }
}

function messageOf(
  delivery: Delivery,
  sender: { readonly host: string; readonly receiver: string },
): Message {
  const { id, madeAt, payload } = delivery;
  return payload.kind === 'status'
    ? { kind: 'status', id, host: sender.host, status: payload.status }
    : { kind: 'notification', notification: notificationOf({ id, madeAt, payload }, sender) };
}

/** Nothing differs but how many events were looked at. */
function isSaidAlike(before: ReceiverRecord, after: ReceiverRecord): boolean {
  return (
    before.issues === after.issues &&
    before.waiting === after.waiting &&
    before.statuses === after.statuses &&
    before.leftOut === after.leftOut
  );
}
