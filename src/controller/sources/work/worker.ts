import type { Cancel } from '../../../lib/clocks/clock.ts';
import type { Failure } from '../../../lib/failure.ts';
import { failpoint } from '../../../lib/failpoints/failpoint.ts';
import { ok, type Result } from '../../../lib/result.ts';
import { errorMessage } from '../../../lib/system-error.ts';
import { createSerialQueue } from '../../../state/serial-queue.ts';
import { nextStep, type Step } from '../../../sources/decide/next-step.ts';
import { fetched, unfetched } from '../../../sources/model/looked.ts';
import { wentBack } from '../../../sources/model/transitions.ts';
import type { SourceRecord } from '../../../sources/model/record.ts';
import { writeRecord } from '../book.ts';
import type { SourcesContext } from '../context.ts';
import type { Bounds } from '../work-places.ts';
import { tell } from '../tell.ts';
import { conclude } from './conclude.ts';
import { deploy } from './deploy.ts';
import type { Hands } from './hands.ts';
import { elsewhere, Windows } from './surroundings.ts';
import { Times, type Polled } from './times.ts';
import { Edits, type FoundEdit } from './edits.ts';
import { goBack } from './go-back.ts';
import type { Provider } from './provider.ts';

/** Carries out what is decided about one source: one thing at a time, and each from what is durable. */
export class SourceWorker {
  readonly #context: SourcesContext;
  readonly #provider: Provider;
  readonly #bounds: Bounds;
  readonly #windows: Windows;
  readonly #times: Times;
  readonly #edits: Edits;
  readonly #oneWrite = createSerialQueue();
  #record: SourceRecord;
  #step: Step | null = null;
  #timer: Cancel | null = null;
  #leftEnded: Promise<void> | undefined;
  #isRunning = false;
  #again = false;
  #isClosed = false;

  constructor(record: SourceRecord, provider: Provider, bounds: Bounds, context: SourcesContext) {
    this.#record = record;
    this.#provider = provider;
    this.#bounds = bounds;
    this.#context = context;
    this.#windows = new Windows(record.spec.windows);
    this.#times = new Times(context.clock, context.random);
    this.#edits = new Edits(context.clock);
  }

  get provider(): Provider {
    return this.#provider;
  }

  get record(): SourceRecord {
    return this.#record;
  }

  /** Releases of it that somebody has changed. */
  get edited(): readonly FoundEdit[] {
    return this.#edits.found;
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
    const written = await this.#oneWrite(async () => {
      const next = change(this.#record);
      if (next === this.#record || this.#isClosed) return ok(undefined);
      const done = await writeRecord(this.#context.paths.state, next);
      // What has happened meanwhile stays, and is about to be written.
      if (done.ok) this.#record = change(this.#record);
      return done;
    });
    if (!written.ok) return written;
    if (look) {
      this.#times.retryNow();
      this.#times.lookNow();
    }
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
    if (!this.#isRunning) void this.#run();
  }

  close(): void {
    this.#isClosed = true;
    this.#provider.close();
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
      const { clock, log } = this.#context;
      log(`source ${this.#record.spec.name}: internal error: ${errorMessage(error)}`);
      const waitMs = this.#times.retryLater();
      this.#times.lookAgain(waitMs);
      this.#timer = clock.after(waitMs, () => this.poke());
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
      await conclude(this.#hands);
      const now = clock.now();
      const { spec } = this.#record;
      const surroundings = {
        ...elsewhere(spec, this.#context.host),
        ...(await this.#windows.closed(now)),
      };
      const step = nextStep(this.#record, { ...this.#times.looks(this.#polled, now), ...surroundings }, now);
      this.#step = step;
      switch (step.kind) {
        case 'wait':
          if (step.until !== null) this.#timer = clock.after(step.until - now, () => this.poke());
          return;
        case 'look':
          await this.#bounds.look.run(() => this.#look());
          break;
        case 'deploy':
          await this.#bounds.deploy.run(() => this.#deploy(step));
          break;
        case 'go-back':
          await this.#goBack();
      }
    }
  }

  /** Once: what a daemon that has died left running would be beside what is run now. */
  #endLeft(): Promise<void> {
    this.#leftEnded ??= this.#provider.endLeft();
    return this.#leftEnded;
  }

  async #look(): Promise<void> {
    const { clock } = this.#context;
    this.#times.looking();
    const result = await this.#provider.look(this.#record, clock.now());
    const now = clock.now();
    if (result.kind === 'changing') {
      this.#times.lookAgain(result.againMs);
      return;
    }
    this.#times.looked(this.#polled, result.kind === 'version');
    if (result.kind === 'failed') {
      const before = this.#record.stages.Fetched;
      const isKnown = before?.status === 'False' && before.reason === result.failure.code;
      if (!isKnown) tell(this.#context, this.#record, 'SourceUnreachable', result.failure.message);
      await this.#set((record) => unfetched(record, result.failure, now));
      return;
    }
    if (this.#record.stages.Fetched?.status === 'False') {
      tell(this.#context, this.#record, 'SourceReachable', 'it can be looked at again');
    }
    // What is newer does not wait for what the one before has failed of.
    if (result.version.id !== this.#record.head?.id) this.#times.retryNow();
    await this.#edits.look(this.#record, this.#provider, this.#context);
    await this.#set((record) => fetched(record, result.version, now));
    failpoint('source.fetched');
  }

  async #deploy({ version, by }: Extract<Step, { kind: 'deploy' }>): Promise<void> {
    const done = await deploy({ version, by, ...this.#hands });
    if (done === 'later') this.#times.retryLater();
    else this.#times.retryNow();
    if (done === 'changed') this.#times.lookNow();
  }

  /** What others work on the source with. */
  get #hands(): Hands {
    return {
      provider: this.#provider,
      context: this.#context,
      record: () => this.#record,
      set: (change) => this.#set(change),
      isOver: () => this.#isClosed,
    };
  }

  get #polled(): Polled {
    return { pollMs: this.#record.spec.pollMs, longestWaitMs: this.#provider.longestWaitMs };
  }

  async #goBack(): Promise<void> {
    const { clock } = this.#context;
    const failure = await goBack(this.#record, this.#context);
    await this.#set((record) => wentBack(record, failure, clock.now()));
    const how = failure === null ? 'its projects are as they were with the last good one' : failure.message;
    tell(this.#context, this.#record, 'SourceWentBack', how);
  }

  /** What cannot be written holds in memory, and is written with the next change. */
  async #set(change: (record: SourceRecord) => SourceRecord): Promise<void> {
    const before = this.#record;
    this.#record = change(before);
    if (this.#record === before) return;
    const written = await this.#write();
    if (!written.ok) this.#context.log(written.error.message);
  }

  #write(): Promise<Result<void, Failure>> {
    return this.#oneWrite(() =>
      this.#isClosed ? Promise.resolve(ok(undefined)) : writeRecord(this.#context.paths.state, this.#record),
    );
  }
}
