import type { ApplyRequest, ApplyResponse } from '../../api/contract/wire/apply.ts';
import type { Cancel, Clock } from '../../lib/clocks/clock.ts';
import type { Failure } from '../../lib/failure.ts';
import { ok, type Result } from '../../lib/result.ts';
import { projectSpecOf } from '../../state/desired/desired.ts';
import type { Confirmation, EventRecord, ProjectRecord } from '../../state/model/types.ts';
import type { Store } from '../../state/store.ts';
import type { ProjectSpec } from '../../spec/types.ts';

export interface TakeBackOptions {
  readonly store: Store;
  readonly clock: Clock;
  /** As the API does it: one change at a time. */
  readonly apply: (request: ApplyRequest) => Promise<Result<ApplyResponse, Failure>>;
}

/** How long after a way back that could not be taken it is tried again. */
const AGAIN_MS = 30_000;

/**
 * Takes revisions back that nobody has confirmed in time, also when that time passed while no controller ran. Until the
 * returned function is called.
 *
 * applied on trial ──confirmed, or something else applied──▶ settled
 *        └──time is up──▶ the revision before is applied ──▶ settled
 *                              └──fails──▶ again in 30 s
 */
export function takeBackUnconfirmed(options: TakeBackOptions): Cancel {
  const { store, clock } = options;
  const armed = new Map<string, { readonly for: Confirmation; readonly cancel: Cancel }>();
  let hasEnded = false;
  const isOnTrial = (project: string, confirmation: Confirmation): boolean =>
    !hasEnded && store.project(project)?.confirmation === confirmation;

  const arm = (project: string, confirmation: Confirmation, delayMs: number): void => {
    armed.get(project)?.cancel();
    const due = async (): Promise<void> => {
      const record = store.project(project);
      if (record === undefined || !isOnTrial(project, confirmation)) return;
      const taken = await takeBack(record, confirmation, options);
      if (!taken && isOnTrial(project, confirmation)) arm(project, confirmation, AGAIN_MS);
    };
    armed.set(project, { for: confirmation, cancel: clock.after(delayMs, () => void due()) });
  };
  const look = (): void => {
    for (const { project, confirmation } of store.projects()) {
      const known = armed.get(project);
      if (known?.for === confirmation) continue;
      known?.cancel();
      armed.delete(project);
      if (confirmation !== undefined)
        arm(project, confirmation, Math.max(0, confirmation.until - clock.now()));
    }
  };
  look();
  const stopLooking = store.onCommit(look);
  return () => {
    hasEnded = true;
    stopLooking();
    for (const { cancel } of armed.values()) cancel();
  };
}

/** True: it is done. */
async function takeBack(
  record: ProjectRecord,
  { previous }: Confirmation,
  { store, clock, apply }: TakeBackOptions,
): Promise<boolean> {
  const { project, revision } = record;
  const spec = await specBefore(record, previous, store);
  const applied = spec.ok ? await apply(wayBackRequest(spec.value, revision)) : spec;
  const what = `revision ${revision} of ${project} was not confirmed in time`;
  const tell = (level: EventRecord['level'], message: string): void => {
    const about = { key: null, slot: null, pid: null, generation: null };
    store.appendEvent({ at: clock.now(), level, reason: 'TakenBack', message, ...about });
  };
  if (!applied.ok) {
    tell('error', `${what}, and cannot be taken back: ${applied.error.message}; it is tried again`);
    return false;
  }
  // Where the rollout has failed and gone back by itself, there was nothing left to apply.
  const settled = await store.commit({ kind: 'confirmed', project, at: clock.now() });
  const now = previous === null ? 'its apps are removed again' : `what revision ${previous} declared applies`;
  tell('warning', `${what}: ${now}`);
  return settled.ok;
}

async function specBefore(
  record: ProjectRecord,
  previous: number | null,
  store: TakeBackOptions['store'],
): Promise<Result<ProjectSpec, Failure>> {
  if (previous === null) return ok({ ...projectSpecOf(record), apps: [] });
  const found = await store.revision(record.project, previous);
  return found.ok ? ok(found.value.spec) : found;
}

function wayBackRequest(spec: ProjectSpec, revision: number): ApplyRequest {
  return {
    projects: [spec],
    prune: true,
    only: null,
    allowWipe: true,
    takeOver: true,
    keepOrigin: true,
    code: 'leave',
    basis: null,
    by: 'stateward',
    command: `take-back of revision ${revision} (not confirmed)`,
  };
}
