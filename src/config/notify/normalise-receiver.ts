import { err, ok, type Result } from '../../lib/result.ts';
import { parseDuration } from '../../lib/units.ts';
import { ALERTS_RULE, type ReceiverSpec, type Target, type TargetKind } from '../../notify/model/receiver.ts';
import type { FileContext, Problem } from '../declared/problem.ts';
import type { Receiver } from '../generated/notify-file.ts';
import { ruleOf } from './rules.ts';
import { commitStatusOf, emailOf, execOf, slackOf, webhookOf } from './targets.ts';

const HOUR_MS = 60 * 60_000;
const REPEAT_MS = 4 * HOUR_MS;
const MIN_REPEAT_MS = 60_000;
const SETTLE_MS = 30_000;
const GROUP_MS = 5_000;
const LIMIT = 30;
const STATUS_LIMIT = 600;

const KINDS = ['webhook', 'slack', 'email', 'exec', 'commit_status'] as const satisfies readonly TargetKind[];
/** Keys that mean nothing for commit statuses: every one is told, and only the newest of a commit. */
const OF_MESSAGES = ['rules', 'repeat', 'settle', 'group'] as const;

/** A receiver that the schema takes, with everything that the schema cannot say of it checked. */
export function normalised(
  receiver: Receiver,
  context: FileContext,
): Result<ReceiverSpec, readonly Problem[]> {
  const problems: Problem[] = [];
  const to = targetOf(receiver, context, problems);
  const isStatus = receiver.commit_status !== undefined;
  if (isStatus) {
    for (const key of OF_MESSAGES) {
      if (receiver[key] === undefined) continue;
      problems.push({
        path: [key],
        target: 'key',
        message: 'is of messages, and this receiver takes commit statuses',
      });
    }
  }
  const rules = (receiver.rules ?? []).map((rule, index) => ruleOf(rule, ['rules', index], problems));
  const spec = {
    name: receiver.name,
    rules: isStatus ? [] : rules.length === 0 ? [ALERTS_RULE] : rules,
    repeatMs: repeatOf(receiver, problems),
    settleMs: spanOf(receiver, 'settle', SETTLE_MS, problems),
    groupMs: spanOf(receiver, 'group', GROUP_MS, problems),
    limit: receiver.limit ?? (isStatus ? STATUS_LIMIT : LIMIT),
  };
  return to === null || problems.length > 0 ? err(problems) : ok({ ...spec, to });
}

function targetOf(receiver: Receiver, context: FileContext, problems: Problem[]): Target | null {
  const { webhook, slack, email, exec, commit_status: status } = receiver;
  const [first, second] = KINDS.filter((kind) => receiver[kind] !== undefined);
  if (first === undefined) {
    const message = `one of ${KINDS.join(', ')} is missing`;
    problems.push({ path: [], message, hint: 'say how the receiver is reached' });
    return null;
  }
  if (second !== undefined) {
    const message = `a receiver is reached in one way, and this one has ${first} already`;
    problems.push({
      path: [second],
      target: 'key',
      message,
      hint: 'give the other one a receiver of its own',
    });
    return null;
  }
  if (webhook !== undefined) return webhookOf(webhook, context, problems);
  if (slack !== undefined) return slackOf(slack, context, problems);
  if (email !== undefined) return emailOf(email, context, problems);
  if (exec !== undefined) return execOf(exec, context, problems);
  return status === undefined ? null : commitStatusOf(status, context, problems);
}

function repeatOf({ repeat }: Receiver, problems: Problem[]): number | null {
  if (repeat === undefined || repeat === true) return REPEAT_MS;
  if (repeat === false) return null;
  const ms = parseDuration(repeat) ?? 0;
  if (ms >= MIN_REPEAT_MS) return ms;
  const message = `${JSON.stringify(repeat)} is less than 1m`;
  problems.push({ path: ['repeat'], message, hint: 'a plain number is milliseconds; false: never again' });
  return null;
}

function spanOf(receiver: Receiver, key: 'settle' | 'group', byDefault: number, problems: Problem[]): number {
  const ms = parseDuration(receiver[key] ?? byDefault) ?? byDefault;
  if (ms > HOUR_MS)
    problems.push({ path: [key], message: `${JSON.stringify(receiver[key])} is more than 1h` });
  return ms;
}
