import { shortCommit } from '../../../lib/commit-hash.ts';
import { groupOf } from '../../../plan/model/reasons.ts';
import type { WhyDocument, WhyFact } from '../../../api/contract/wire/why.ts';
import type { Style } from '../text/terminal.ts';
import { codeOfSlots } from './code-text.ts';
import { driftLine } from '../drift/drift-text.ts';
import { formatSpan } from '../../../lib/units.ts';
import { healthCell } from './cells.ts';
import { formatAge } from '../text/quantities.ts';
import { escapeControls } from '../text/text.ts';

export interface WhyOptions {
  readonly style: Style;
  /** Epoch milliseconds, for ages. */
  readonly nowMs: number;
  /** The last lines of its log, where they say something. */
  readonly log: readonly string[];
}

/** A few lines: the state of an app and since when, its cause, what the app waits for, what to try. */
export function renderWhy(why: WhyDocument, { style, nowMs, log }: WhyOptions): string {
  const ago = (at: string): string => `${formatAge(nowMs - Date.parse(at))} ago`;
  const said = ({ reason, message, at }: WhyFact): string =>
    `${escapeControls(message, false)} (${reason}, ${ago(at)})`;
  const health = healthCell(why.health, style);
  const since = why.since === null ? '' : ` since ${why.since} (${ago(why.since)})`;
  const restart = why.lastRestart?.at === why.cause?.at ? null : why.lastRestart;
  const lines = [
    `${style.bold(why.app)} is ${(health.paint ?? String)(health.text)}, ${why.sync}, ` +
      `${why.readyInstances}/${why.desiredInstances} ready${since}`,
    ...(why.problems ?? []).map((problem) => `problem: ${said(problem)}`),
    ...(why.drift ?? []).map((one) => `drift: ${driftLine(one)}`),
    ...(why.cause === null ? [] : [`because: ${said(why.cause)}`]),
    ...(why.code === undefined ? [] : [`code: ${codeOfSlots(why.code)}`]),
    ...(why.codeNewer === undefined ? [] : [`note: ${escapeControls(why.codeNewer, false)}`]),
    ...(why.says ?? []).map(({ slot, says }) => `slot ${slot} says: ${escapeControls(says, false)}`),
    ...(why.source === undefined ? [] : sourceLines(why.source)),
    ...(why.rollout == null ? [] : [`rollout: ${said(why.rollout)}`]),
    ...(restart === null ? [] : [`last restart: ${said(restart)}`]),
    ...(why.lastExit === null ? [] : [`last exit: slot ${why.lastExit.slot} ${said(why.lastExit)}`]),
    ...why.waits.map((wait) => `waits: ${waitText(withoutExit(wait, why.lastExit), nowMs)}`),
    ...log.map((line) => `  ${line}`),
    ...why.next.map((command, index) => `${index === 0 ? 'try' : 'or'}: ${command}`),
  ];
  return `${lines.join('\n')}\n`;
}

/** `source: shop, commit 68da218`, and which of its stages is bad. */
function sourceLines({ name, commit, problem }: NonNullable<WhyDocument['source']>): readonly string[] {
  const of = commit === null ? '' : `, commit ${shortCommit(commit)}`;
  const bad =
    problem === null ? [] : [`source: ${escapeControls(problem, false)} (stateward source describe ${name})`];
  return [`source: ${name}${of}`, ...bad];
}

/** Drops how the slot ended, which the line above has told. */
function withoutExit(wait: WhyDocument['waits'][number], exit: WhyDocument['lastExit']): typeof wait {
  const told = `${exit?.message ?? ''}, `;
  const isTold = exit !== null && wait.slot === exit.slot && wait.message.startsWith(told);
  return isTold ? { ...wait, message: wait.message.slice(told.length) } : wait;
}

/** Whether a hold waits only for time to pass, and does not say how long in its message. */
function startsLater(reason: string): boolean {
  return groupOf(reason) === 'delay' || reason === 'StartFailed';
}

function waitText({ slot, reason, message, until }: WhyDocument['waits'][number], nowMs: number): string {
  const where = slot === null ? '' : `slot ${slot} `;
  const leftMs = until === null ? 0 : Date.parse(until) - nowMs;
  const time = startsLater(reason)
    ? `, next start ${leftMs > 0 ? `in ${formatSpan(leftMs)}` : 'now'}`
    : reason === 'WaitsForSchedule'
      ? `, at ${until ?? 'no known time'}`
      : '';
  return `${where}${escapeControls(message, false)}${time} (${reason})`;
}
