import { STAGES, withAttempt, withStage, type SourceRecord } from './record.ts';
import type { TryOf } from './transitions.ts';

/** A version was given up before anything of it was applied: there is something newer, or somebody wants otherwise. */
export function overtaken(
  record: SourceRecord,
  { version, by, startedAt }: Omit<TryOf, 'asked'>,
  now: number,
): SourceRecord {
  const { head, suspended } = record;
  const message =
    suspended !== null
      ? `given up: suspended by ${suspended.by}`
      : head === null || head.id === version.id
        ? 'given up: it is not wanted any more'
        : 'given up: there is a newer version';
  const open = STAGES.filter((name) => {
    const stage = record.stages[name];
    return stage?.status === 'Unknown' && stage.version === version.id;
  });
  const stage = { status: 'Unknown', reason: 'Superseded', message, version: version.id } as const;
  const told = open.reduce((at, name) => withStage(at, name, stage, now), record);
  const { id, subject } = version;
  return withAttempt(told, {
    ...{ id, by, startedAt, endedAt: now, outcome: 'superseded', message },
    ...(subject !== undefined && { subject }),
  });
}
