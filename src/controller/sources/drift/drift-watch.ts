import type { Failure } from '../../../lib/failure.ts';
import type { Result } from '../../../lib/result.ts';
import { driftOf, driftText, type Drift } from '../../../sources/model/drift.ts';
import { isQuarantined, type Applied, type SourceRecord } from '../../../sources/model/record.ts';
import type { SourceSpec } from '../../../sources/model/source.ts';
import { projectSpecOf } from '../../../state/desired/desired.ts';
import type { ProjectRecord, Revision } from '../../../state/model/types.ts';
import type { SourcesContext } from '../context.ts';
import { tell } from '../tell.ts';
import { ShownDrift } from './show-drift.ts';

/** Revisions are kept on disk, and looked at whenever something happens to their project. */
const KEPT = 64;

/** What people have made otherwise than a source declares it, as it is now. */
export class DriftWatch {
  readonly #context: Pick<SourcesContext, 'store' | 'clock' | 'showCondition'>;
  readonly #revisions = new Map<string, Result<Revision, Failure>>();
  readonly #beganAt: number;
  readonly #shown: ShownDrift;
  #found: readonly Drift[] = [];
  #untold: readonly Drift[] = [];
  /** What was looked at last. */
  #seen: { readonly applied: Applied; readonly projects: readonly (ProjectRecord | undefined)[] } | null =
    null;

  constructor(context: Pick<SourcesContext, 'store' | 'clock' | 'showCondition'>) {
    this.#context = context;
    this.#beganAt = context.clock.now();
    this.#shown = new ShownDrift(context);
  }

  get found(): readonly Drift[] {
    return this.#found;
  }

  /**
   * Looks again, and tells of what was not known; true when there is something. A controller that starts does not tell again
   * what was before it. What a followed file may say by now is told when it has been looked at: `isChanging` until then.
   */
  async look(record: SourceRecord, isChanging: boolean): Promise<boolean> {
    const { applied, spec } = record;
    if (applied === null) {
      this.#found = [];
      this.#seen = null;
      this.#shown.show([], spec);
      return false;
    }
    const names = Object.keys(applied.revisions);
    const projects = names.map((name) => this.#context.store.project(name));
    const { projects: before = [], applied: last } = this.#seen ?? {};
    if (last === applied && projects.every((project, index) => project === before[index])) {
      if (!isChanging && !comesNewer(record)) this.#tell(record);
      return false;
    }
    const found: Drift[] = [];
    for (const [index, name] of names.entries()) {
      found.push(...(await this.#ofProject(spec, name, projects[index], applied)));
    }
    const known = new Set(this.#found.map(driftText));
    const untold = new Set(this.#untold.map(driftText));
    const isNew = (text: string): boolean => !known.has(text) || untold.has(text);
    this.#untold = found.filter((drift) => drift.at >= this.#beganAt && isNew(driftText(drift)));
    this.#found = found;
    this.#seen = { applied, projects };
    this.#shown.show(found, spec);
    if (spec.from.kind !== 'follow' || spec.pollMs === null) this.#tell(record);
    return found.some((drift) => !known.has(driftText(drift)));
  }

  #tell(record: SourceRecord): void {
    const news = this.#untold.map(driftText);
    this.#untold = [];
    if (news.length > 0) tell(this.#context, record, 'SourceDrifted', news.join('; '));
  }

  /** Nothing of it is shown any more. */
  close({ spec }: SourceRecord): void {
    this.#shown.show([], spec);
  }

  async #ofProject(
    source: Pick<SourceSpec, 'name' | 'prune'>,
    project: string,
    live: ProjectRecord | undefined,
    { revisions, outcome, at: appliedAt }: Applied,
  ): Promise<readonly Drift[]> {
    const whole = { project, app: null, until: null } as const;
    if (live === undefined)
      return [{ ...whole, kind: 'deleted', what: 'is not there any more', by: 'somebody', at: appliedAt }];
    const number = revisions[project] ?? 0;
    const made = live.revision === number ? null : await this.#revision(project, live.revision);
    const facts = {
      source: live.source,
      apps: live.apps,
      made: made?.ok === true ? made.value : { by: 'somebody', at: appliedAt, command: '' },
      trialUntil: live.confirmation?.until ?? null,
    };
    // Apps of a version that failed go back by themselves: what is declared now is theirs.
    if (outcome === 'failed') return driftOf(source, projectSpecOf(live), facts);
    const declared = live.revision === number ? null : await this.#revision(project, number);
    if (declared === null) return driftOf(source, projectSpecOf(live), facts);
    if (declared.ok) return driftOf(source, declared.value.spec, facts);
    const what = `declared otherwise, and revision ${number} cannot be compared with any more`;
    return [{ ...whole, kind: 'changed', what, by: facts.made.by, at: facts.made.at }];
  }

  async #revision(project: string, number: number): Promise<Result<Revision, Failure>> {
    const key = `${project} ${number}`;
    const known = this.#revisions.get(key);
    if (known !== undefined) return known;
    const read = await this.#context.store.revision(project, number);
    if (read.ok) this.#revisions.set(key, read);
    for (const oldest of [...this.#revisions.keys()].slice(0, -KEPT)) this.#revisions.delete(oldest);
    return read;
  }
}

/** What the newest version declares is about to be applied, and may be what somebody has applied by hand. */
function comesNewer(record: SourceRecord): boolean {
  const { spec, head, applied } = record;
  return spec.sync === 'auto' && head !== null && head.id !== applied?.id && !isQuarantined(record, head.id);
}
