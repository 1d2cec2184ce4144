import { appKey } from '../../lib/app-key.ts';
import { alertOf, isMoment } from '../model/alerts.ts';
import type { Issue, Item, ReceiverRecord } from '../model/record.ts';
import type { HostFacts } from './matches.ts';
import { queue } from './queue.ts';
import { overItem } from './take-event.ts';

/** After so long without a word of it, something that has no end is over, where nothing is repeated. */
const FORGET_MS = 4 * 60 * 60_000;
/** How often is looked at what ends without an event. */
const LOOK_MS = 30_000;

/** What the time that has passed changes: what is over for long enough, what is to be told again. */
export function takeTime(record: ReceiverRecord, facts: HostFacts, now: number): ReceiverRecord {
  let next: ReceiverRecord = { ...record, issues: [] };
  let isChanged = false;
  for (const found of record.issues) {
    const issue = looked(found, facts, now);
    const { told, kept } = stepOf(issue, record, now);
    isChanged ||= told !== null || kept !== found;
    if (told !== null) next = queue(next, told);
    if (kept !== null) next = { ...next, issues: [...next.issues, kept] };
  }
  return isChanged ? next : record;
}

/** When it is to be looked at again; null: there is nothing to wait for. */
export function nextTime({ issues, spec }: ReceiverRecord, now: number): number | null {
  const times = issues.flatMap((issue) => {
    const due = issue.ending === null ? dueAt(issue, spec.repeatMs) : issue.ending.queuedAt + spec.settleMs;
    return [
      ...(due === null ? [] : [due]),
      ...(isMoment(issue.topic, issue.first.about) ? [] : [now + LOOK_MS]),
    ];
  });
  return times.length === 0 ? null : Math.min(...times);
}

/** An issue whose end no event tells: what is shown counts, and an app that is gone has no problems. */
function looked(issue: Issue, facts: HostFacts, now: number): Issue {
  const { project, app } = issue.first.about;
  const ends = alertOf(issue.topic)?.ends;
  if (app === null || project === null || ends?.by === 'moment') return issue;
  const key = appKey(project, app);
  const isGone = facts.app(key) === undefined;
  const isOver = isGone || (ends?.by === 'shown' && !facts.shows(key, issue.first.reason));
  if (!isOver) return issue.ending !== null && ends?.by === 'shown' ? { ...issue, ending: null } : issue;
  if (issue.ending !== null) return issue;
  const message = isGone ? 'the app is gone' : `no more: ${issue.last.message}`;
  return { ...issue, ending: overItem(issue, { ...issue.last, message, at: now, queuedAt: now, count: 0 }) };
}

interface Step {
  readonly told: Item | null;
  /** null: it is over. */
  readonly kept: Issue | null;
}

function stepOf(issue: Issue, { spec }: ReceiverRecord, now: number): Step {
  const { ending, count, last, first } = issue;
  // A clock that was set back must not make it wait for ever.
  if (ending !== null) {
    const waited = now - ending.queuedAt;
    return waited >= spec.settleMs || waited < 0
      ? { told: { ...ending, count: count + ending.count, queuedAt: now }, kept: null }
      : { told: null, kept: issue };
  }
  const due = dueAt(issue, spec.repeatMs);
  if (issue.toldAt > now) return { told: null, kept: { ...issue, toldAt: now } };
  if (due === null || now < due) return { told: null, kept: issue };
  if (isMoment(issue.topic, first.about) && count === 0) return { told: null, kept: null };
  const told: Item = { ...last, kind: 'still', since: first.at, count, queuedAt: now };
  return { told, kept: { ...issue, toldAt: now, count: 0 } };
}

function dueAt({ topic, first, toldAt }: Issue, repeatMs: number | null): number | null {
  if (repeatMs !== null) return toldAt + repeatMs;
  return isMoment(topic, first.about) ? toldAt + FORGET_MS : null;
}
