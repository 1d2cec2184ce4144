import type { RevisionInfo } from '../../api/contract/wire/revisions.ts';
import { splitAppKey } from '../../lib/app-key.ts';
import type { Api } from '../session/api.ts';
import { diffSides, presentSide, revisionSide } from './diffing.ts';
import type { AppDiff, DeclaredSide } from './diffing.ts';
import { unwrap, usageError } from '../session/failures.ts';
import { findSubject, onlyProject } from './revision-subject.ts';
import { revisionAmong } from './revisions.ts';

/** What `diff --revision` is to compare. */
export interface RevisionPair {
  /** Project or app; undefined: the only project. */
  readonly subject: string | undefined;
  readonly before: number;
  /** undefined: what is live. */
  readonly after: number | undefined;
}

/** Reads `--revision A B`, `--revision A --revision B` and `--revision A`, with or without a project or app. */
export function readRevisionPair(given: readonly number[], args: readonly string[]): RevisionPair {
  // The flag takes one number, so the second one stands among the arguments.
  const isNumber = (text: string): boolean => /^\d+$/.test(text);
  const [before, after, ...tooMany] = [...given, ...args.filter(isNumber).map(Number)];
  const [subject, ...others] = args.filter((text) => !isNumber(text));
  if (before === undefined || tooMany.length > 0) {
    throw usageError('--revision takes one revision or two', 'stateward diff shop --revision 41 42');
  }
  if (others.length > 0) {
    throw usageError(`unexpected argument: ${others.join(' ')}`, 'name one project, or one app');
  }
  return { subject, before, after };
}

/** Compares what two kept revisions declared, or one with what is live. */
export async function diffRevisions(pair: RevisionPair, api: Api): Promise<readonly AppDiff[]> {
  const { project, app } =
    pair.subject === undefined ? await onlyProject(api) : await findSubject(pair.subject, api);
  const { items } = unwrap(await api.revisions({ project }));
  const before = await sideOf(project, { number: pair.before, items, api });
  const after =
    pair.after === undefined
      ? presentSide(project, unwrap(await api.apps({ selectors: [], spec: 'full' })).items)
      : await sideOf(project, { number: pair.after, items, api });
  const isMeant = (name: string): boolean => app === null || splitAppKey(app).name === name;
  return diffSides(project, [before, after], isMeant);
}

async function sideOf(
  project: string,
  {
    number,
    items,
    api,
  }: { readonly number: number; readonly items: readonly RevisionInfo[]; readonly api: Api },
): Promise<DeclaredSide> {
  const { revision } = revisionAmong(items, number, `project ${project}`);
  return revisionSide(revision, unwrap(await api.revision({ project, revision })).spec.apps);
}
