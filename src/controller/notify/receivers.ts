import type {
  DeclareReceiversRequest,
  DeclareReceiversResponse,
  ReceiverInfo,
  ReceiverList,
  RemoveReceiverRequest,
  TestReceiverResponse,
} from '../../api/contract/wire/notify/receivers.ts';
import type { Cancel } from '../../lib/clocks/clock.ts';
import type { Failure } from '../../lib/failure.ts';
import { didYouMean } from '../../lib/nearest.ts';
import { err, ok, type Result } from '../../lib/result.ts';
import { sameValue } from '../../lib/values/same-value.ts';
import { newReceiver } from '../../notify/model/record.ts';
import { redeclaredReceiver } from '../../notify/model/redeclared.ts';
import { fitsOne } from '../../notify/model/pattern.ts';
import type { CommitStatusTarget, ReceiverSpec } from '../../notify/model/receiver.ts';
import { testNotification } from '../../notify/render/notification.ts';
import { isPassing } from '../../state/events/passing-events.ts';
import type { EventRecord } from '../../state/model/types.ts';
import { dropRecord, readBook, writeRecord } from './book.ts';
import type { NotifyContext } from './context.ts';
import { viewReceiver } from './view.ts';
import { ReceiverWorker } from './worker.ts';

const ABOUT_NONE = { key: null, slot: null, pid: null, generation: null } as const;

/** Everybody who is told what happens. They hear of events that are on record, and nothing waits for them. */
export class Receivers {
  readonly #context: NotifyContext;
  readonly #workers = new Map<string, ReceiverWorker>();
  /** Events that come before those of earlier are read; null: these are. */
  #early: EventRecord[] | null = [];
  readonly #unfollow: Cancel;

  constructor(context: NotifyContext) {
    this.#context = context;
    this.#unfollow = context.store.subscribe((event) => {
      if (isPassing(event)) return;
      if (this.#early !== null) this.#early.push(event);
      else this.#take(event);
    });
  }

  /** Takes up what was declared before, and hears of what has happened since. */
  async begin(): Promise<void> {
    const { stateDir, clock, store, log } = this.#context;
    const { records, notices } = await readBook(stateDir, clock.now());
    for (const { level, message } of notices) {
      log(message);
      store.appendEvent({ ...ABOUT_NONE, at: clock.now(), level, reason: 'StateRepaired', message });
    }
    const found = records.map((record) => ({ ...record, seen: store.resumeAt(record.seen) }));
    const after = Math.min(...found.map(({ seen }) => seen));
    const events = found.length === 0 ? [] : await store.events({ after, limit: Infinity });
    const kept = events.filter((event) => !isPassing(event));
    for (const record of found) {
      const worker = new ReceiverWorker(record, this.#context);
      this.#workers.set(record.spec.name, worker);
      worker.begin(kept[0]?.seq ?? 0);
    }
    for (const event of [...kept, ...(this.#early ?? [])]) this.#take(event);
    this.#early = null;
  }

  async close(): Promise<void> {
    this.#unfollow();
    await Promise.all([...this.#workers.values()].map((worker) => worker.close()));
  }

  /** The status of an app has changed, and with it what is shown of it. */
  poke(): void {
    for (const worker of this.#workers.values()) worker.poke();
  }

  list(): ReceiverList {
    const names = [...this.#workers.keys()].sort();
    const items = names.flatMap((name) => this.#view(this.#workers.get(name)));
    return { apiVersion: 'v1', kind: 'ReceiverList', items };
  }

  get(name: string): Result<ReceiverInfo, Failure> {
    const [info] = this.#view(this.#workers.get(name));
    return info === undefined ? err(this.#unknown(name)) : ok(info);
  }

  async declare(request: DeclareReceiversRequest): Promise<Result<DeclareReceiversResponse, Failure>> {
    const changes: DeclareReceiversResponse['changes'][number][] = [];
    for (const spec of request.receivers) {
      const kind = await this.#declareOne(spec, request);
      if (!kind.ok) return kind;
      changes.push({ receiver: spec.name, kind: kind.value });
    }
    const named = new Set(request.receivers.map(({ name }) => name));
    const others = request.prune ? [...this.#workers.keys()].filter((name) => !named.has(name)) : [];
    for (const name of others) {
      const removed = await this.remove({ name, by: request.by });
      if (!removed.ok) return removed;
      changes.push({ receiver: name, kind: 'removed' });
    }
    return ok({ changes });
  }

  async remove({ name, by }: RemoveReceiverRequest): Promise<Result<ReceiverInfo, Failure>> {
    const worker = this.#workers.get(name);
    const [last] = this.#view(worker);
    if (worker === undefined || last === undefined) return err(this.#unknown(name));
    await worker.close({ drop: true });
    const dropped = await dropRecord(this.#context.stateDir, name);
    this.#workers.delete(name);
    if (!dropped.ok) return dropped;
    const { waiting, leftOut, sending } = last.status;
    const left = waiting + leftOut + (sending === null ? 0 : 1);
    this.#tell(
      name,
      'ReceiverRemoved',
      `removed by ${by}${left === 0 ? '' : `; ${left} ${left === 1 ? 'thing was' : 'things were'} not told`}`,
    );
    return ok(last);
  }

  /** Sends a message that says that it is a test, beside everything else that waits. */
  async test(name: string): Promise<Result<TestReceiverResponse, Failure>> {
    const worker = this.#workers.get(name);
    if (worker === undefined) return err(this.#unknown(name));
    const { clock, host, newId, send } = this.#context;
    const { spec } = worker.record;
    const id = newId(JSON.stringify(['test', name, clock.now()]));
    const {
      ok: isOk,
      message,
      steps,
    } = await send(
      spec.to,
      spec.to.kind === 'commit_status'
        ? { kind: 'try-status', remotes: this.#remotesOf(spec.to) }
        : {
            kind: 'notification',
            notification: testNotification(id, clock.now(), { host, receiver: name }),
          },
    );
    // What has waited because it was not reached need not wait longer.
    if (isOk) worker.hurry();
    return ok({ ok: isOk, message, steps });
  }

  async #declareOne(
    spec: ReceiverSpec,
    { by, command }: DeclareReceiversRequest,
  ): Promise<Result<'created' | 'changed' | 'unchanged', Failure>> {
    const { clock, stateDir, store } = this.#context;
    const declared = { by, at: clock.now(), command };
    const known = this.#workers.get(spec.name);
    if (known === undefined) {
      const [newest] = await store.events({ limit: 1 });
      const record = newReceiver(spec, declared, newest?.seq ?? 0);
      const written = await writeRecord(stateDir, record);
      if (!written.ok) return written;
      this.#workers.set(spec.name, new ReceiverWorker(record, this.#context));
      this.#tell(spec.name, 'ReceiverDeclared', `declared by ${by}`);
      return ok('created');
    }
    if (sameValue(known.record.spec, spec)) return ok('unchanged');
    const failure = await known.replace((record) => redeclaredReceiver(record, spec, declared));
    if (failure !== null) return err(failure);
    this.#tell(spec.name, 'ReceiverDeclared', `declared otherwise by ${by}`);
    return ok('changed');
  }

  #remotesOf({ sources }: CommitStatusTarget): readonly { source: string; remote: string }[] {
    const { facts } = this.#context;
    return facts.gitSources().flatMap((source) => {
      const remote = facts.remoteOf(source);
      return remote === null || (sources !== null && !fitsOne(source, sources)) ? [] : [{ source, remote }];
    });
  }

  #take(event: EventRecord): void {
    for (const worker of this.#workers.values()) worker.take(event);
  }

  #view(worker: ReceiverWorker | undefined): readonly ReceiverInfo[] {
    return worker === undefined ? [] : [viewReceiver(worker, this.#context.clock.now())];
  }

  #tell(name: string, reason: EventRecord['reason'], text: string): void {
    const { store, clock } = this.#context;
    const message = `receiver ${name}: ${text}`;
    store.appendEvent({ ...ABOUT_NONE, at: clock.now(), level: 'info', reason, message, receiver: name });
  }

  #unknown(name: string): Failure {
    const hint = didYouMean(name, [...this.#workers.keys()]);
    return {
      code: 'NOT_FOUND',
      message: `there is no receiver ${name}`,
      hint: hint ?? 'stateward notify list shows them',
    };
  }
}
