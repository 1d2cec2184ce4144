import type { SourceCondition } from '../../../api/contract/wire/sources/sources.ts';
import type { Step } from '../../../sources/decide/next-step.ts';
import type { SourceRecord } from '../../../sources/model/record.ts';
import { toRfc3339 } from '../../views/wire-values.ts';

const WAITS: readonly string[] = ['WaitsForHost', 'HostSilent', 'HostFailed'];

/** What another host is waited for, and what others could not be told: nothing of a version, and there only while it is so. */
export function otherHosts({
  record,
  step,
}: {
  readonly record: SourceRecord;
  readonly step: Step | null;
}): readonly SourceCondition[] {
  const { head, heard, told } = record;
  const conditions: SourceCondition[] = [];
  if (head !== null && step?.kind === 'wait' && WAITS.includes(step.reason)) {
    const since = heard?.version === head.id && heard.word !== null ? heard.word.at : head.at;
    conditions.push({
      type: 'Awaited',
      status: step.reason === 'WaitsForHost' ? 'Unknown' : 'False',
      ...{ reason: step.reason, message: step.message, version: head.id },
      lastTransitionTime: toRfc3339(since),
    });
  }
  if (told?.trouble !== undefined) {
    const { at, failure } = told.trouble;
    conditions.push({
      ...{
        type: 'Told',
        status: 'False',
        reason: failure.code,
        message: failure.message,
        version: head?.id ?? null,
      },
      lastTransitionTime: toRfc3339(at),
      failures: [failure],
    });
  }
  return conditions;
}
