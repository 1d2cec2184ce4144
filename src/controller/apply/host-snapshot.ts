import { groupBy } from '../../lib/collections.ts';
import type { ApplyRequest } from '../../api/contract/wire/apply.ts';
import { splitAppKey, type AppKey } from '../../lib/app-key.ts';
import type { FileExists } from '../../plan/guards/origin.ts';
import type { Observed, ObservedHook, ObservedInstance, Silence } from '../../plan/model/observed.ts';
import type { AppTable } from '../../plan/slots/slots.ts';
import { acceptedApps } from '../../state/desired/desired.ts';
import type { Projects } from '../../state/desired/reducer.ts';
import type { AppHistory } from '../../state/model/types.ts';
import type { CodeOnDisk } from '../context/code-book.ts';

/** What a preview is made of: the state as it is, and the processes. */
export interface HostSnapshot {
  readonly records: Projects;
  readonly reachable: boolean;
  /** As in Observed. */
  readonly silence?: Silence | null;
  readonly instances: readonly ObservedInstance[];
  /** Processes that run hooks. Absent: none. */
  readonly hooks?: readonly ObservedHook[];
  readonly histories: readonly AppHistory[];
  /** The code on disk; absent: it was not read. */
  readonly code?: CodeOnDisk;
  /** Epoch milliseconds. */
  readonly now: number;
  readonly exists: FileExists;
  /** Whether there is a source of this name. */
  readonly isSource: (name: string) => boolean;
}

export function scoped(host: HostSnapshot, records: Projects, isMine: (key: AppKey) => boolean): Observed {
  return {
    reachable: host.reachable,
    silence: host.silence ?? null,
    instances: host.instances.filter(({ key }) => isMine(key)),
    hooks: (host.hooks ?? []).filter(({ key }) => isMine(key)),
    history: host.histories.filter(({ key }) => isMine(key)),
    accepted: acceptedApps(records).filter(({ key }) => isMine(key)),
  };
}

export function tablesByApp(
  instances: readonly ObservedInstance[],
  histories: readonly AppHistory[],
): (key: AppKey) => AppTable {
  const byApp = groupBy(instances, ({ key }) => key);
  const slots = new Map(histories.map((history) => [history.key, history.slots]));
  return (key) => ({ instances: byApp.get(key) ?? [], history: slots.get(key) ?? [] });
}

/** Which apps an apply is about; worked out once for all that are asked for. */
export function scopeOf({ projects, only, prune }: ApplyRequest): (key: AppKey) => boolean {
  const declared = new Map(
    projects.map((spec) => [spec.project, prune ? null : new Set(spec.apps.map(({ name }) => name))]),
  );
  const named = only === null ? null : new Set(only);
  return (key) => {
    const { project, name } = splitAppKey(key);
    const names = declared.get(project);
    if (names === undefined) return false;
    // Where nothing is removed, what else the project has does not concern this apply.
    return named?.has(name) ?? names?.has(name) ?? true;
  };
}
