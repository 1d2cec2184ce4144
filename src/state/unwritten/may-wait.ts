import { ownValue } from '../../lib/collections.ts';
import { splitAppKey, type AppKey } from '../../lib/app-key.ts';
import { effectiveInstances, runMode } from '../../plan/slots/effective.ts';
import type { AppRecord, Fact, ProjectRecord } from '../model/types.ts';

type Projects = ReadonlyMap<string, ProjectRecord>;

/**
 * Whether a fact that cannot be written is taken over all the same, and written later. A controller that dies before that
 * forgets it, so the question is what would follow from that.
 *
 * - `always`: what is to run stays the same. It tells of what has happened, or asks for new processes of what is to run: if
 *   it is forgotten, they are there all the same. A full disk must not keep an app that hangs from being restarted.
 * - `fewer`: if the app wants no more processes by it than before. Stopping must always be possible. A start that is
 *   forgotten would end what runs.
 * - `never`: a declaration that is forgotten would be taken back behind the back of whoever has seen it accepted, and a
 *   hook that is forgotten would run twice.
 */
const WAITS: { readonly [Kind in Fact['kind']]: 'always' | 'fewer' | 'never' } = {
  'project-accepted': 'never',
  'apps-moved': 'never',
  'confirmation-asked': 'never',
  confirmed: 'never',
  'apps-deleted': 'never',
  'code-changed': 'never',
  'override-set': 'fewer',
  'begun-afresh': 'always',
  'restart-requested': 'always',
  'reload-requested': 'always',
  'reload-ended': 'always',
  'restarts-found': 'always',
  'rollout-completed': 'always',
  'rollout-failed': 'always',
  'pre-start-ended': 'never',
  'rollout-paused': 'always',
  'dependencies-seen': 'always',
  'ports-chosen': 'always',
  'clock-set': 'always',
};

export interface WaitContext {
  readonly before: Projects;
  readonly after: Projects;
}

/** Whether all of these facts may wait for the disk. Pure. */
export function mayWait(facts: readonly Fact[], { before, after }: WaitContext): boolean {
  return facts.every((fact) => {
    if (WAITS[fact.kind] !== 'fewer' || !('key' in fact)) return WAITS[fact.kind] === 'always';
    const { project } = splitAppKey(fact.key);
    return wantedOf(after.get(project), fact.key) <= wantedOf(before.get(project), fact.key);
  });
}

/** How many processes a record wants of an app. */
export function wantedOf(record: ProjectRecord | undefined, key: AppKey): number {
  const app = ownValue(record?.apps, splitAppKey(key).name);
  return app === undefined ? 0 : wantedBy(app);
}

function wantedBy({ spec, override }: AppRecord): number {
  return runMode(spec, override) === 'running' ? effectiveInstances(spec, override) : 0;
}
