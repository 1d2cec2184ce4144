import type {
  ActOnSourceRequest,
  DeclareSourcesRequest,
  DeclareSourcesResponse,
  SourceInfo,
  SourceList,
} from '../../api/contract/wire/sources/sources.ts';
import type { AppSourceInfo } from '../../api/contract/wire/sources/app-source.ts';
import { splitAppKey } from '../../lib/app-key.ts';
import type { Cancel } from '../../lib/clocks/clock.ts';
import type { Failure } from '../../lib/failure.ts';
import { didYouMean } from '../../lib/nearest.ts';
import { err, ok, type Result } from '../../lib/result.ts';
import { errorMessage } from '../../lib/system-error.ts';
import { sameValue } from '../../lib/values/same-value.ts';
import { newRecord, type SourceRecord } from '../../sources/model/record.ts';
import { redeclared } from '../../sources/model/redeclared.ts';
import type { SourceSpec } from '../../sources/model/source.ts';
import { dropRecord, readBook, writeRecord } from './book.ts';
import type { SourcesContext } from './context.ts';
import { actOn } from './answers/act.ts';
import { badStage, problemByHand, viewSource } from './answers/view.ts';
import { tell } from './tell.ts';
import { Webhooks } from './webhooks.ts';
import { followProvider } from './work/follow-provider.ts';
import { gitProvider } from './work/git-provider.ts';
import type { Provider } from './work/provider.ts';
import { WorkPlaces } from './work-places.ts';
import { polledBy } from './work/times.ts';
import { SourceWorker } from './work/worker.ts';

/** Every source of a home, and what people ask of them. */
export class Sources {
  readonly #context: SourcesContext;
  readonly #workers = new Map<string, SourceWorker>();
  readonly #places: WorkPlaces;
  readonly #webhooks: Webhooks;
  readonly #unfollow: Cancel;
  readonly #unfollowPoll: Cancel;

  constructor(context: SourcesContext) {
    this.#context = context;
    this.#places = new WorkPlaces(context.builds);
    this.#webhooks = new Webhooks(context, this.#workers);
    this.#unfollow = context.store.onCommit(({ changed }) => {
      const projects = new Set(changed.map((key) => splitAppKey(key).project));
      for (const worker of this.#workers.values()) {
        if (worker.record.projects.some((project) => projects.has(project))) worker.poke();
      }
    });
    // What is waited for until the next look was the interval before.
    this.#unfollowPoll = context.pollMs.onChange(() => {
      for (const worker of this.#workers.values())
        if (worker.record.spec.usualPoll === true) worker.lookNow();
    });
  }

  /** Takes up what was declared before. */
  async begin(): Promise<void> {
    const { paths, clock, store, log } = this.#context;
    const { records, notices } = await readBook(paths.state, clock.now());
    for (const { level, message } of notices) {
      log(message);
      store.appendEvent({ ...ABOUT_NONE, at: clock.now(), level, reason: 'StateRepaired', message });
    }
    for (const record of records) this.#start(record);
    await this.#webhooks.renew();
  }

  close(): void {
    this.#unfollow();
    this.#unfollowPoll();
    this.#webhooks.close();
    for (const worker of this.#workers.values()) worker.close();
  }

  list(): SourceList {
    const workers = [...this.#workers.values()].sort((a, b) =>
      a.record.spec.name < b.record.spec.name ? -1 : 1,
    );
    return { apiVersion: 'v1', kind: 'SourceList', items: workers.map((worker) => this.#view(worker)) };
  }

  get(name: string): Result<SourceInfo, Failure> {
    const worker = this.#workers.get(name);
    return worker === undefined ? err(this.#unknown(name)) : ok(this.#view(worker));
  }

  worker(name: string): Result<SourceWorker, Failure> {
    const worker = this.#workers.get(name);
    return worker === undefined ? err(this.#unknown(name)) : ok(worker);
  }

  /** Releases of a source in which somebody has edited files, as they were found last. */
  editedOf(source: string): SourceWorker['edited'] {
    return this.#workers.get(source)?.edited ?? [];
  }

  /** What is shown of a source at its apps. */
  stateOf(source: string): Pick<AppSourceInfo, 'problem' | 'selfHeal'> {
    const worker = this.#workers.get(source);
    if (worker === undefined) return { problem: null };
    const { spec } = worker.record;
    return {
      problem: badStage(worker.record) ?? problemByHand(worker),
      ...(spec.selfHeal === true && { selfHeal: true }),
    };
  }

  async declare(request: DeclareSourcesRequest): Promise<Result<DeclareSourcesResponse, Failure>> {
    const changes: DeclareSourcesResponse['changes'][number][] = [];
    for (const spec of request.sources) {
      const kind = await this.#declareOne(spec, request);
      if (!kind.ok) return kind;
      changes.push({ source: spec.name, kind: kind.value });
    }
    const named = new Set(request.sources.map(({ name }) => name));
    const others = request.prune ? [...this.#workers.keys()].filter((name) => !named.has(name)) : [];
    for (const name of others) {
      const removed = await this.#remove(name, request.by);
      if (!removed.ok) return removed;
      changes.push({ source: name, kind: 'removed' });
    }
    await this.#webhooks.renew();
    return ok({ changes });
  }

  async act(request: ActOnSourceRequest): Promise<Result<SourceInfo, Failure>> {
    const worker = this.#workers.get(request.name);
    if (worker === undefined) return err(this.#unknown(request.name));
    if (request.verb === 'remove') {
      const last = this.#view(worker);
      const removed = await this.#remove(request.name, request.by);
      await this.#webhooks.renew();
      return removed.ok ? ok(last) : removed;
    }
    const done = await actOn(worker, { ...request, verb: request.verb }, this.#context);
    return done.ok ? ok(this.#view(worker)) : done;
  }

  async #declareOne(
    spec: SourceSpec,
    { by, command }: DeclareSourcesRequest,
  ): Promise<Result<'created' | 'changed' | 'unchanged', Failure>> {
    const { clock, paths } = this.#context;
    const declared = { by, at: clock.now(), command };
    const known = this.#workers.get(spec.name);
    if (known === undefined) {
      const record = newRecord(spec, declared);
      const written = await writeRecord(paths.state, record);
      if (!written.ok) return written;
      this.#start(record);
      tell(this.#context, record, 'SourceDeclared', `declared by ${by}`);
      return ok('created');
    }
    if (sameValue(known.record.spec, spec)) return ok('unchanged');
    // Another worker: what the one before knows of the place that it looks at may be about another one.
    known.close();
    const record = redeclared(known.record, spec, declared);
    const written = await writeRecord(paths.state, record);
    this.#start(written.ok ? record : known.record);
    if (!written.ok) return written;
    tell(this.#context, record, 'SourceDeclared', `declared otherwise by ${by}`);
    return ok('changed');
  }

  async #remove(name: string, by: string): Promise<Result<void, Failure>> {
    const worker = this.#workers.get(name);
    if (worker === undefined) return ok(undefined);
    worker.close();
    const dropped = await dropRecord(this.#context.paths.state, name);
    if (!dropped.ok) {
      this.#start(worker.record);
      return dropped;
    }
    // One that is declared anew under this name is to find nothing that is about to be removed.
    await this.#forget(worker);
    if (this.#workers.get(name) === worker) this.#workers.delete(name);
    const { projects } = worker.record;
    const left = projects.length === 0 ? '' : `; ${projects.join(', ')} runs on`;
    tell(this.#context, worker.record, 'SourceRemoved', `removed by ${by}${left}`);
    return ok(undefined);
  }

  /** What cannot be removed only takes room on the disk. */
  async #forget({ provider, record }: SourceWorker): Promise<void> {
    try {
      await provider.forget(record);
    } catch (error) {
      this.#context.log(`source ${record.spec.name}: cannot remove its copy: ${errorMessage(error)}`);
    }
  }

  #start(record: SourceRecord): void {
    const worker = new SourceWorker(
      record,
      providerFor(record.spec, this.#context),
      this.#places.of(record.spec),
      this.#context,
    );
    this.#workers.set(record.spec.name, worker);
    worker.poke();
  }

  #view(worker: SourceWorker): SourceInfo {
    const { spec } = worker.record;
    const webhook = spec.from.kind === 'git' ? spec.from.webhook : null;
    const problem = webhook === null ? null : this.#webhooks.problemAt(webhook.listen);
    const { pollMs } = polledBy(spec, worker.provider, this.#context);
    return { ...viewSource(worker, this.#context, problem), spec: { ...spec, pollMs } };
  }

  #unknown(name: string): Failure {
    const names = [...this.#workers.keys()].sort();
    const hint =
      names.length === 0
        ? 'stateward source apply -f sources.yaml declares sources'
        : (didYouMean(name, names) ?? `known are ${names.join(', ')}`);
    return { code: 'NOT_FOUND', message: `there is no source ${name}`, hint };
  }
}

const ABOUT_NONE = { key: null, slot: null, pid: null, generation: null };

function providerFor(spec: SourceSpec, context: SourcesContext): Provider {
  const { from } = spec;
  return from.kind === 'follow' ? followProvider(from.file) : gitProvider(spec, from, context);
}
