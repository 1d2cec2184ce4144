import type { ApiBackend } from '../../api/contract/endpoints/backend.ts';
import type { FreezeInfo, FreezeList } from '../../api/contract/wire/guards/freezes.ts';
import { didYouMean } from '../../lib/nearest.ts';
import type { Failure } from '../../lib/failure.ts';
import { err, ok } from '../../lib/result.ts';
import { freezeText, type Freeze } from '../../state/freezes/freeze.ts';
import type { FreezeBook } from '../../state/freezes/freeze-book.ts';
import type { Store } from '../../state/store.ts';
import type { ControllerContext } from '../context/context.ts';
import { toRfc3339 } from '../views/wire-values.ts';

/** What is frozen, for those who ask. */
export function freezeQueries(freezes: FreezeBook): Pick<ApiBackend, 'freezes'> {
  return { freezes: () => Promise.resolve(ok(freezeList(freezes.list()))) };
}

/** Freezing, and lifting it. */
export function freezeRequests({
  freezes,
  store,
  clock,
}: Pick<ControllerContext, 'freezes' | 'store' | 'clock'>): Pick<ApiBackend, 'freeze' | 'thaw'> {
  const tell = (reason: 'ProjectFrozen' | 'ProjectUnfrozen', message: string): void => {
    store.appendEvent({
      ...{ at: clock.now(), level: 'info', reason, message },
      ...{ key: null, slot: null, pid: null, generation: null },
    });
  };
  return {
    async freeze({ projects, reason, forMs, allow, by }) {
      const unknown = unknownProject(projects, store);
      if (unknown !== null) return err(unknown);
      const at = clock.now();
      const made = (projects ?? [null]).map((project): Freeze => ({
        ...{ project, by, reason, at, allow },
        until: forMs === null ? null : at + forMs,
      }));
      const about = made.map(freezeText).join('; ');
      const audited = await store.audit({ kind: 'act', by, command: 'freeze', about });
      if (!audited.ok) return audited;
      const added = await freezes.add(made);
      if (!added.ok) return added;
      for (const freeze of made) tell('ProjectFrozen', freezeText(freeze));
      return ok(freezeList(made));
    },
    async thaw({ projects, by }) {
      const held = freezes.list();
      const named = new Set(projects ?? held.map(({ project }) => project));
      const missing = [...named].filter((name) => !held.some(({ project }) => project === name));
      if (held.length === 0 || missing.length > 0) return err(notFrozen(missing, held));
      const about = held
        .filter(({ project }) => named.has(project))
        .map(freezeText)
        .join('; ');
      const audited = await store.audit({ kind: 'act', by, command: 'unfreeze', about });
      if (!audited.ok) return audited;
      const lifted = await freezes.lift(named);
      if (!lifted.ok) return lifted;
      for (const { project } of lifted.value)
        tell('ProjectUnfrozen', `${project ?? 'everything'}: lifted by ${by}`);
      return ok(freezeList(lifted.value));
    },
  };
}

function freezeList(freezes: readonly Freeze[]): FreezeList {
  return { apiVersion: 'v1', kind: 'FreezeList', items: freezes.map(viewFreeze) };
}

function viewFreeze({ at, until, ...freeze }: Freeze): FreezeInfo {
  return { ...freeze, at: toRfc3339(at), until: until === null ? null : toRfc3339(until) };
}

/** A project that is misspelt would not be frozen, and nobody would know. */
function unknownProject(names: readonly string[] | null, store: Pick<Store, 'projects'>): Failure | null {
  const known = store
    .projects()
    .filter(({ apps }) => Object.keys(apps).length > 0)
    .map(({ project }) => project);
  const unknown = names?.find((name) => !known.includes(name));
  if (unknown === undefined) return null;
  const meant = didYouMean(unknown, known);
  const hint = `${meant === undefined ? '' : `${meant}; `}projects here: ${known.join(', ') || 'none'}; --all freezes those that come as well`;
  return { code: 'NOT_FOUND', message: `there is no project ${unknown}`, hint };
}

function notFrozen(missing: readonly (string | null)[], held: readonly Freeze[]): Failure {
  if (held.length === 0) return { code: 'NOT_FOUND', message: 'nothing is frozen' };
  const frozen = held.map(({ project }) => project ?? 'everything (--all)').join(', ');
  return {
    code: 'NOT_FOUND',
    message: `${missing.join(', ')} is not frozen by itself`,
    hint: `what is frozen: ${frozen}`,
  };
}
