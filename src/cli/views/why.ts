import type { WhyDocument, WhyFact } from '../../api/contract/why.ts';
import type { Style } from './terminal.ts';
import { codeOfSlots } from './code-text.ts';
import { healthCell } from './app-table.ts';
import { formatAge } from './quantities.ts';
import { escapeControls } from './text.ts';

export interface WhyOptions {
  readonly style: Style;
  /** Epoch milliseconds, for ages. */
  readonly nowMs: number;
  /** The last lines of its log, where they say something. */
  readonly log: readonly string[];
}

/** A few lines: what an app is and since when, because of what, what it waits for, what to try. */
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
    ...(why.cause === null ? [] : [`because: ${said(why.cause)}`]),
    ...(why.code === undefined ? [] : [`code: ${codeOfSlots(why.code)}`]),
    ...(why.rollout == null ? [] : [`rollout: ${said(why.rollout)}`]),
    ...(restart === null ? [] : [`last restart: ${said(restart)}`]),
    ...(why.lastExit === null ? [] : [`last exit: slot ${why.lastExit.slot} ${said(why.lastExit)}`]),
    ...why.waits.map((wait) => `waits: ${waitText(wait)}`),
    ...log.map((line) => `  ${line}`),
    ...why.next.map((command, index) => `${index === 0 ? 'try' : 'or'}: ${command}`),
  ];
  return `${lines.join('\n')}\n`;
}

function waitText({ slot, reason, message, until }: WhyDocument['waits'][number]): string {
  const where = slot === null ? '' : `slot ${slot} `;
  const time = until === null || message.includes(until) ? '' : `, until ${until}`;
  return `${where}${escapeControls(message, false)}${time} (${reason})`;
}
