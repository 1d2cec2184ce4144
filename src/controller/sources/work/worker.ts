import type { Cancel } from '../../../lib/clocks/clock.ts';
import type { Failure } from '../../../lib/failure.ts';
import { ok, type Result } from '../../../lib/result.ts';
import { errorMessage } from '../../../lib/system-error.ts';
import { nextStep, type Looks, type Step } from '../../../sources/decide/next-step.ts';
import type { Drift } from '../../../sources/model/drift.ts';
import type { SourceRecord } from '../../../sources/model/record.ts';
import type { SourcesContext } from '../context.ts';
import type { Bounds } from '../work-places.ts';
import { KeptRecord } from '../kept-record.ts';
import { DriftWatch } from '../drift/drift-watch.ts';
import { healDrift } from '../drift/heal.ts';
import { oversee, Waking } from '../looks/oversee.ts';
import { endedBy, giveUp, withOverseenHooks } from '../looks/overseen.ts';
import { takeLook } from '../looks/take-look.ts';
import { announce } from '../words/announce.ts';
import { conclude } from './conclude.ts';
import { deploy } from './deploy.ts';
import type { Hands } from './hands.ts';
import { placeOf, Windows } from './surroundings.ts';
import { polledBy, Times, type Polled } from './times.ts';
import { Edits, type FoundEdit } from './edits.ts';
import { takeBack } from './go-back.ts';
import type { Provider } from './provider.ts';

/** Carries out what is decided about one source: one thing at a time, and each from what is durable. */
export class SourceWorker {
  readonly #context: SourcesContext;
  readonly #provider: Provider;
  readonly #bounds: Bounds;
  readonly #windows: Windows;
  readonly #times: Times;
  readonly #edits: Edits;
  readonly #drift: DriftWatch;
  readonly #waking = new Waking();
  readonly #kept: KeptRecord;
  #surroundings: Omit<Looks, 'nextAt' | 'retryAt'> = {};
  #step: Step | null = null;
  #timer: Cancel | null = null;
  #leftEnded: Promise<void> | undefined;
  #isRunning = false;
  #again = false;
  #isClosed = false;

  constructor(record: SourceRecord, provider: Provider, bounds: Bounds, context: SourcesContext) {
    this.#kept = new KeptRecord(record, context);
    this.#provider = provider;
    this.#bounds = bounds;
    this.#context = context;
    this.#windows = new Windows(record.spec.windows);
    this.#times = new Times(context.clock, context.random);
    this.#edits = new Edits(context.clock);
    this.#drift = new DriftWatch(context);
  }

  get provider(): Provider {
    return this.#provider;
  }

  get record(): SourceRecord {
    return this.#kept.now;
  }

  /** Releases of it that somebody has changed. */
  get edited(): readonly FoundEdit[] {
    return this.#edits.found;
  }

  /** What people have made otherwise than it declares. */
  get drifts(): readonly Drift[] {
    return this.#drift.found;
  }

  /** What it does or waits for; null: it has not begun. */
  get step(): Step | null {
    return this.#step;
  }

  /** Changes what is known of the source, durably, and works on from there. What cannot be written was not changed. */
  async change(
    change: (record: SourceRecord) => SourceRecord,
    { look = false }: { readonly look?: boolean } = {},
  ): Promise<Result<void, Failure>> {
    const written = await this.#kept.change(change);
    if (!written.ok) return written;
    if (look) this.#times.beginNow();
    this.poke();
    return ok(undefined);
  }

  /** Somebody says that there is something new. */
  lookNow(): void {
    this.#times.lookNow();
    this.poke();
  }

  /** Something has happened that may concern it. */
  poke(): void {
    if (this.#isClosed) return;
    this.#again = true;
    this.#waking.wake();
    if (!this.#isRunning) void this.#run();
  }

  close(): void {
    this.#isClosed = true;
    this.#kept.close();
    this.#provider.close();
    this.#drift.close(this.record);
    this.#waking.wake();
    this.#timer?.();
  }

  async #run(): Promise<void> {
    this.#isRunning = true;
    try {
      while (this.#again && !this.#isClosed) {
        this.#again = false;
        this.#timer?.();
        await this.#work();
      }
    } catch (error) {
      const waitMs = this.#failed(error);
      this.#timer = this.#context.clock.after(waitMs, () => this.poke());
    } finally {
      this.#isRunning = false;
    }
  }

  /** Everything that can be done now. */
  async #work(): Promise<void> {
    const { clock } = this.#context;
    await this.#endLeft();
    for (;;) {
      if (this.#isClosed) return;
      // Something newer does not wait for the commands after a version.
      await conclude(withOverseenHooks(this.#hands, (work) => this.#oversee(isRest, work)));
      if (await this.#drift.look(this.record, this.#times.isChanging))
        this.#times.lookAtFile(this.record.spec);
      const now = clock.now();
      this.#surroundings = {
        ...placeOf(this.record.spec, this.#context.host),
        ...(await this.#windows.closed(now)),
        drifts: this.#drift.found,
      };
      const looks = { ...this.#times.looks(this.#polled, now), ...this.#surroundings };
      const step = nextStep(this.record, looks, now);
      this.#step = step;
      switch (step.kind) {
        case 'wait':
          if (step.until !== null) this.#timer = clock.after(step.until - now, () => this.poke());
          return;
        case 'look':
          await this.#bounds.look.run(() => this.#look());
          break;
        case 'deploy':
          await this.#deploy(step);
          break;
        case 'heal':
          await healDrift(this.#hands, this.#drift.found);
          break;
        case 'announce':
          await this.#oversee(isRest, (signal) => announce(endedBy(this.#hands, signal), step));
          break;
        case 'go-back':
          await takeBack(this.#hands);
      }
    }
  }

  /** Once: what a daemon that has died left running would be beside what is run now. */
  #endLeft(): Promise<void> {
    this.#leftEnded ??= this.#provider.endLeft();
    return this.#leftEnded;
  }

  async #look(isMeanwhile = false): Promise<void> {
    await takeLook(this.#hands, {
      ...{ times: this.#times, polled: this.#polled, edits: this.#edits, isMeanwhile },
      isDrifted: this.#drift.found.length > 0,
    });
  }

  async #deploy({ version, by }: Extract<Step, { kind: 'deploy' }>): Promise<void> {
    const { clock } = this.#context;
    const startedAt = clock.now();
    const isMine = (step: Step): boolean => step.kind === 'deploy' && step.version === version;
    const { result: done, isOvertaken } = await this.#oversee(isMine, (signal) =>
      this.#bounds.deploy.run(() => deploy({ version, by, ...endedBy(this.#hands, signal) })),
    );
    if (isOvertaken) await giveUp(this.#hands, { version, by, startedAt });
    if (done === 'later') this.#times.retryLater();
    else this.#times.retryNow();
    // Whoever has asked meanwhile has what is newest, unless a look says otherwise.
    if (done === 'changed' || this.record.asked?.version === null) this.#times.lookNow();
  }

  /** It may outlast what it goes on beside: what it has found is dealt with then. */
  async #lookMeanwhile(): Promise<void> {
    try {
      await this.#bounds.look.run(() => this.#look(true));
    } catch (error) {
      this.#failed(error);
    }
    this.poke();
  }

  /** Gives how long it waits. */
  #failed(error: unknown): number {
    this.#context.log(`source ${this.record.spec.name}: internal error: ${errorMessage(error)}`);
    return this.#times.beginLater();
  }

  /** Carries out what may take long, and looks on; `goesOn` says by what is to be done now whether it is still wanted. */
  #oversee<T>(goesOn: (step: Step) => boolean, work: (signal: AbortSignal) => Promise<T>) {
    const { clock } = this.#context;
    const now = (): Looks => ({ ...this.#surroundings, ...this.#times.looks(this.#polled, clock.now()) });
    return oversee(
      {
        isWanted: () =>
          !this.#isClosed &&
          goesOn(nextStep(this.record, { ...now(), nextAt: null, retryAt: null }, clock.now())),
        isDue: () => (now().nextAt ?? Infinity) <= clock.now(),
        look: () => this.#lookMeanwhile(),
        rest: () => this.#waking.until(now().nextAt, clock),
      },
      work,
    );
  }

  /** What others work on the source with. */
  get #hands(): Hands {
    return {
      provider: this.#provider,
      context: this.#context,
      record: () => this.record,
      set: (change) => this.#kept.set(change),
      isOver: () => this.#isClosed,
    };
  }

  get #polled(): Polled {
    return polledBy(this.record.spec, this.#provider, this.#context);
  }
}

/** Nothing newer is to be brought in. */
function isRest({ kind }: Step): boolean {
  return kind !== 'deploy';
}
