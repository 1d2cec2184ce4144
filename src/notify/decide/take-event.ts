import type { EventRecord } from '../../state/model/types.ts';
import { alertOf, openedBy, type Alert } from '../model/alerts.ts';
import type { Issue, Item, ReceiverRecord } from '../model/record.ts';
import { aboutOf, isTold, type HostFacts } from './matches.ts';
import { leaveOut, queue } from './queue.ts';

/** Things that are wrong at once of which is remembered that they were told; of what is more, each event is told. */
const MAX_ISSUES = 500;
const MAX_MESSAGE = 2_000;

/**
 * What an event changes of what a receiver is to be told. What is wrong is told once until it is over:
 *
 * ```
 *   (nothing) ──opens──▶ told ──ends──▶ ending ──settled──▶ (nothing), and told to be over
 *                         ▲ │ again: counted   │
 *                         └─┴──────opens───────┘
 * ```
 *
 * Of what has no end it is told again after `repeat`, with how often it has happened.
 */
export function takeEvent(
  record: ReceiverRecord,
  event: EventRecord,
  facts: HostFacts,
  now: number,
): ReceiverRecord {
  if (event.seq <= record.seen) return record;
  const seen = { ...record, seen: event.seq };
  const isOwn = event.receiver === record.spec.name;
  if (isOwn) return seen;
  const item = itemOf(event, facts, now);
  const ended = endIssues(seen, event, item);
  if (!isTold(event, record.spec.rules, facts)) return ended.record;
  const alert = openedBy(event);
  if (alert !== undefined) return open(ended.record, alert, item);
  // That it is over will be told.
  return ended.some ? ended.record : queue(ended.record, item);
}

function itemOf(event: EventRecord, facts: HostFacts, now: number): Item {
  const { level, reason, message, slot, version = null, seq, at } = event;
  return {
    kind: 'news',
    topic: null,
    severity: level,
    reason,
    message: message.length > MAX_MESSAGE ? `${message.slice(0, MAX_MESSAGE - 1)}…` : message,
    about: aboutOf(event, facts),
    slot,
    version,
    seq,
    at,
    since: at,
    count: 1,
    queuedAt: now,
  };
}

function open(record: ReceiverRecord, alert: Alert, item: Item): ReceiverRecord {
  const { topic, apart } = alert;
  const { project, app, source, receiver } = item.about;
  const subject = app === null ? (source ?? receiver ?? '') : `${project ?? ''}/${app}`;
  const id = JSON.stringify([topic, subject, ...(apart === undefined ? [] : [item[apart]])]);
  const known = record.issues.find((issue) => issue.id === id);
  const problem: Item = { ...item, kind: 'problem', topic };
  if (known !== undefined) {
    const count = known.count + 1 + (known.ending?.count ?? 0);
    const again: Issue = { ...known, count, last: problem, ending: null };
    return { ...record, issues: record.issues.map((issue) => (issue === known ? again : issue)) };
  }
  const issue = { id, topic, first: problem, toldAt: item.queuedAt, count: 0, last: problem, ending: null };
  const issues = record.issues.length < MAX_ISSUES ? [...record.issues, issue] : record.issues;
  return queue({ ...record, issues }, problem);
}

/** Whether an event says that something is over, and what is known then. */
function endIssues(
  record: ReceiverRecord,
  event: EventRecord,
  item: Item,
): { readonly record: ReceiverRecord; readonly some: boolean } {
  const isEnded = ({ topic, first }: Issue): boolean => {
    const ends = alertOf(topic)?.ends;
    return ends?.by === 'events' && ends.reasons.includes(event.reason) && isSameSubject(first, item);
  };
  if (!record.issues.some(isEnded)) return { record, some: false };
  const issues = record.issues.map((issue): Issue => {
    if (!isEnded(issue)) return issue;
    const { ending } = issue;
    return {
      ...issue,
      ending: ending === null ? overItem(issue, item) : { ...ending, count: ending.count + 1 },
    };
  });
  return { record: { ...record, issues }, some: true };
}

function isSameSubject({ about: one }: Item, { about: other }: Item): boolean {
  if (one.app !== null) return one.app === other.app && one.project === other.project;
  return one.source === other.source && one.receiver === other.receiver;
}

/** That an issue is over, as the event that ended it says. */
export function overItem({ topic, first }: Issue, item: Item): Item {
  return {
    ...item,
    kind: 'recovered',
    topic,
    severity: 'info',
    about: first.about,
    since: first.at,
  };
}

/** Events that are on record no more: how many of them the receiver has not heard of. */
export function missed(record: ReceiverRecord, firstKnown: number): ReceiverRecord {
  const amount = firstKnown - record.seen - 1;
  if (amount <= 0) return record;
  const seen = { ...record, seen: firstKnown - 1 };
  return record.spec.to.kind === 'commit_status' ? seen : leaveOut(seen, { Unknown: amount });
}
