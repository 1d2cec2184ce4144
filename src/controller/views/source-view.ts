import type { DriftInfo } from '../../api/contract/wire/drift/drift.ts';
import type { AppSourceInfo } from '../../api/contract/wire/sources/app-source.ts';
import { releaseOf } from '../../spec/release-paths.ts';
import type { AppSpec } from '../../spec/types.ts';
import type { ProjectRecord } from '../../state/model/types.ts';

/** What is wrong with a source, in one line (null: nothing), and whether it takes back what people make otherwise. */
export type SourceState = (source: string) => Pick<AppSourceInfo, 'problem' | 'selfHeal'>;

/** The source that declares an app, with the commit that it runs from. */
export function viewAppSource(
  project: Pick<ProjectRecord, 'source'> | undefined,
  spec: AppSpec,
  stateOf: SourceState | undefined,
): { readonly source?: AppSourceInfo } {
  const origin = project?.source.origin;
  if (project === undefined || origin === undefined) return {};
  const commit = releaseOf(project.source, spec)?.commit ?? origin.commit ?? null;
  return { source: { name: origin.source, commit, ...(stateOf?.(origin.source) ?? { problem: null }) } };
}

/** What people have put on top of an app of a source is taken back by that source, and not by an apply. */
export function withSourceHints(
  drift: readonly DriftInfo[] | undefined,
  { name, selfHeal }: AppSourceInfo,
): { readonly drift?: readonly DriftInfo[] } {
  if (drift === undefined) return {};
  return {
    drift: drift.map((one) => {
      if (one.kind !== 'override' || one.heals === 'expiry') return one;
      return selfHeal === true
        ? { ...one, hint: `source ${name} takes it back by itself`, heals: 'now' }
        : { ...one, hint: `stateward source sync ${name} puts back what is declared` };
    }),
  };
}
