import type { AppStatus } from '../../../api/contract/wire/apps.ts';
import type { DriftInfo } from '../../../api/contract/wire/drift/drift.ts';
import { escapeControls } from '../text/text.ts';

/**
 * `declared 2 instances, scaled to 4 by ada since 2026-11-29T15:30:00Z, until 2026-11-29T17:30:00Z`. Without ages: a line
 * that says the same as before is the same.
 */
export function driftText({ message, by, since, until }: DriftInfo): string {
  const who = by === undefined ? '' : ` by ${escapeControls(by, false)}`;
  // What was found says itself when it was changed.
  const start = since === null || by === undefined ? '' : ` since ${toTheSecond(since)}`;
  const end = until === undefined ? '' : `, until ${toTheSecond(until)}`;
  return `${escapeControls(message, false)}${who}${start}${end}`;
}

/** The same with the way out and the reason. */
export function driftLine(drift: DriftInfo): string {
  const way = drift.hint === '' ? '' : `; ${escapeControls(drift.hint, false)}`;
  return `${driftText(drift)}${way} (${drift.reason})`;
}

/** The drift that is in no line of a problem. */
export function unsaidDrift({
  drift = [],
  problems = [],
}: Pick<AppStatus, 'drift' | 'problems'>): readonly DriftInfo[] {
  const told = new Set(problems.map(({ reason }) => reason));
  return drift.filter(({ reason }) => !told.has(reason));
}

function toTheSecond(time: string): string {
  return time.replace(/\.\d+Z$/, 'Z');
}
