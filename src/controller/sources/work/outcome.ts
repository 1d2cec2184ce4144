import { splitAppKey, type AppKey } from '../../../lib/app-key.ts';
import type { HealthStatus } from '../../../plan/model/health.ts';
import { resultOf } from '../../../state/desired/revision-outcomes.ts';
import type { Applied } from '../../../sources/model/record.ts';
import type { SourcesContext } from '../context.ts';

/** What has come of the version that was accepted last. */
export interface Outcome {
  readonly state: Applied['outcome'];
  /** Of a failed one: which apps have failed, and how. */
  readonly message: string | null;
}

/** Reads from the revisions of its projects whether every app has proven itself. */
export function outcomeOf({ revisions }: Applied, { store }: Pick<SourcesContext, 'store'>): Outcome {
  const results = Object.entries(revisions).map(([project, revision]) => {
    const record = store.project(project);
    return record === undefined ? null : resultOf(record, revision);
  });
  const failed = results.flatMap((result) => (result?.state === 'failed' ? [result.message ?? ''] : []));
  if (failed.length > 0) return { state: 'failed', message: failed.join('; ') };
  if (results.some((result) => result?.state === 'progressing')) return { state: 'pending', message: null };
  if (results.some((result) => result?.state === 'superseded')) return { state: 'superseded', message: null };
  return { state: 'good', message: null };
}

const UNWELL: ReadonlySet<HealthStatus> = new Set(['CrashLoop', 'Failed', 'Degraded', 'Missing']);

/** Apps of these projects that do not work now, with the word for it. */
export function unwellApps(
  projects: readonly string[],
  { store, status }: Pick<SourcesContext, 'store' | 'status'>,
): readonly string[] {
  const isMine = (key: AppKey): boolean => projects.includes(splitAppKey(key).project);
  return store.desired().flatMap(({ key }) => {
    const health = isMine(key) ? status.health(key)?.health : undefined;
    return health !== undefined && UNWELL.has(health) ? [`${key} ${health}`] : [];
  });
}
