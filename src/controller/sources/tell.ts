import { shortCommit } from '../../lib/commit-hash.ts';
import type { Reason } from '../../plan/model/reasons.ts';
import type { SourceRecord } from '../../sources/model/record.ts';
import type { SourcesContext } from './context.ts';

const LEVELS: Partial<Record<Reason, 'warning' | 'error'>> = {
  SourceUnreachable: 'warning',
  SourceHookFailed: 'warning',
  ReleaseEdited: 'warning',
  SourceDrifted: 'warning',
  SourceUntold: 'warning',
  SourceQuarantined: 'error',
};

/** Records an event about a source, with the version that it is about. */
export function tell(
  { store, clock }: Pick<SourcesContext, 'store' | 'clock'>,
  { spec, attempted }: SourceRecord,
  reason: Reason,
  text: string,
  level: 'info' | 'warning' | 'error' = LEVELS[reason] ?? 'info',
): void {
  const isOfVersion =
    reason === 'SourceApplied' || reason === 'SourceHealthy' || reason === 'SourceQuarantined';
  const of = isOfVersion ? attempted : null;
  const version = of === null ? '' : ` at ${shortCommit(of.id)}`;
  store.appendEvent({
    at: clock.now(),
    level,
    reason,
    message: `source ${spec.name}${version}: ${text}`,
    key: null,
    slot: null,
    pid: null,
    generation: null,
    source: spec.name,
    ...(of !== null && { version: of.id }),
  });
}
