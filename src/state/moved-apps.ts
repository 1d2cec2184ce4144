import { appKey, splitAppKey, type AppKey } from '../lib/app-key.ts';
import { movesOf, type Move } from './desired/moves.ts';
import { reduce, type Projects } from './desired/reducer.ts';
import type { StateLayout } from './disk/layout.ts';
import { copyRevisions } from './disk/revisions.ts';
import { writeProblem, type WriteProblem } from './disk/state-failures.ts';
import type { Fact } from './model/types.ts';

/** Apps that a fact gives other names. */
export interface MovedApps {
  readonly fact: Extract<Fact, { kind: 'apps-moved' }>;
  readonly moves: readonly Move[];
}

/** What facts move, with the moves that are to be made. */
export function movesAmong(before: Projects, facts: readonly Fact[]): readonly MovedApps[] {
  if (!facts.some(({ kind }) => kind === 'apps-moved')) return [];
  let projects = before;
  const moved: MovedApps[] = [];
  for (const fact of facts) {
    if (fact.kind === 'apps-moved') moved.push({ fact, moves: movesOf(projects, fact) });
    projects = reduce(projects, fact);
  }
  return moved.filter(({ moves }) => moves.length > 0);
}

/** Copies the revisions of what goes to another project; gives what kept it from that. */
export async function copyMovedRevisions(
  moved: readonly MovedApps[],
  before: Projects,
  { revisions: folder }: StateLayout,
): Promise<WriteProblem | null> {
  for (const { fact, moves } of moved) {
    const newest = before.get(fact.from)?.revision;
    if (fact.from === fact.to || newest === undefined) continue;
    const names = new Map(moves.map(({ from, to }) => [from, to]));
    const nameOf = (key: AppKey): AppKey => names.get(key) ?? appKey(fact.to, splitAppKey(key).name);
    try {
      await copyRevisions(folder, { from: fact.from, to: fact.to, newest, names: nameOf });
    } catch (error) {
      return writeProblem(folder, error);
    }
  }
  return null;
}
