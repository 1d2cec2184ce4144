import type { EventRecord } from '../../state/model/types.ts';
import { fitsOne } from '../model/pattern.ts';
import type { CommitState, ReceiverRecord, StatusItem } from '../model/record.ts';
import type { HostFacts } from './matches.ts';

const STATES: Readonly<Partial<Record<EventRecord['reason'], CommitState>>> = {
  SourceApplied: 'pending',
  SourceHealthy: 'success',
  SourceQuarantined: 'failure',
};

/** Statuses that wait, at most. */
const MAX_WAITING = 100;

/** What an event changes of the commit statuses that are to be told. Only the newest of each commit is. */
export function takeStatus(record: ReceiverRecord, event: EventRecord, facts: HostFacts): ReceiverRecord {
  if (event.seq <= record.seen) return record;
  const seen = { ...record, seen: event.seq };
  const { source, version } = event;
  const { to } = record.spec;
  const state = STATES[event.reason];
  if (state === undefined || source === undefined || version === undefined || to.kind !== 'commit_status')
    return seen;
  if (to.sources !== null && !fitsOne(source, to.sources)) return seen;
  const remote = facts.remoteOf(source);
  if (remote === null) return seen;
  const base = { source, remote, at: event.at, seq: event.seq };
  const before = record.commits[source];
  const gaveWay =
    state === 'pending' && before?.state === 'pending' && before.commit !== version
      ? [
          {
            ...base,
            commit: before.commit,
            state: 'superseded' as const,
            message: `gave way to ${version.slice(0, 7)}`,
          },
        ]
      : [];
  const told: StatusItem = { ...base, commit: version, state, message: event.message };
  const commits = { ...record.commits, [source]: { commit: version, state } };
  return [...gaveWay, told].reduce(wait, { ...seen, commits });
}

function wait(record: ReceiverRecord, status: StatusItem): ReceiverRecord {
  const others = record.statuses.filter(
    ({ source, commit }) => source !== status.source || commit !== status.commit,
  );
  const statuses = [...others, status];
  if (statuses.length <= MAX_WAITING) return { ...record, statuses };
  const counts = { ...record.counts, leftOut: record.counts.leftOut + 1 };
  return { ...record, statuses: statuses.slice(1), counts };
}
