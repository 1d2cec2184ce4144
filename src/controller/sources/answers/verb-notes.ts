import type { VerbRequest, VerbResponse } from '../../../api/contract/wire/verbs.ts';
import { splitAppKey, type AppKey } from '../../../lib/app-key.ts';
import type { Failure } from '../../../lib/failure.ts';
import { ok, type Result } from '../../../lib/result.ts';
import type { Override } from '../../../plan/model/desired.ts';
import type { Store } from '../../../state/store.ts';
import type { SourceState } from '../../views/source-view.ts';

export interface SourceNoteContext {
  readonly store: Pick<Store, 'projects' | 'desiredApp'>;
  readonly stateOfSource: SourceState;
}

/**
 * Says of what somebody does to apps of sources how long it lasts: a source brings back a deleted app with the next version
 * that it applies, and with `self_heal` that and every override by itself.
 */
export async function withSourceNotes(
  { verb }: Pick<VerbRequest, 'verb'>,
  { store, stateOfSource }: SourceNoteContext,
  act: () => Promise<Result<VerbResponse, Failure>>,
): Promise<Result<VerbResponse, Failure>> {
  // Before it: a project whose last app is deleted is not there any more.
  const sources = sourcesOf(store);
  const done = await act();
  if (!done.ok) return done;
  const told = new Map<string, AppKey[]>();
  for (const { app, changed } of done.value.results) {
    const source = sources.get(splitAppKey(app).project);
    if (!changed || source === undefined) continue;
    const heals = stateOfSource(source).selfHeal === true;
    const lasts = verb === 'delete' || lastsForGood(store.desiredApp(app)?.override ?? null);
    const note = lasts ? noteOf(source, verb, heals) : null;
    if (note !== null) told.set(note, [...(told.get(note) ?? []), app]);
  }
  const notes = [...told].map(([note, apps]) => `${apps.join(', ')}: ${note}`);
  return notes.length === 0 ? done : ok({ ...done.value, notes });
}

/** By project. */
function sourcesOf(store: Pick<Store, 'projects'>): ReadonlyMap<string, string> {
  return new Map(
    store
      .projects()
      .flatMap(({ project, source: { origin } }) => (origin === undefined ? [] : [[project, origin.source]])),
  );
}

function noteOf(source: string, verb: VerbRequest['verb'], heals: boolean): string | null {
  if (verb === 'delete') {
    const when = heals ? 'by itself' : 'with the next version that it applies';
    return `source ${source} brings it back ${when}; take it out of what the source declares`;
  }
  return heals ? `source ${source} takes this back by itself; --for 2h makes it last for so long` : null;
}

function lastsForGood(override: Override | null): boolean {
  if (override === null) return false;
  const { run, runUntil, instances, instancesUntil } = override;
  return (
    (run !== undefined && runUntil === undefined) || (instances !== undefined && instancesUntil === undefined)
  );
}
