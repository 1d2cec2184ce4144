import { didYouMean } from '../../lib/nearest.ts';
import { fits } from '../../notify/model/pattern.ts';
import type { Rule } from '../../notify/model/receiver.ts';
import { REASONS } from '../../plan/model/reasons.ts';
import type { Problem } from '../declared/problem.ts';
import type { Receiver } from '../generated/notify-file.ts';
import type { SourcePath } from '../read/source.ts';

/** Messages of apps are not kept, so nobody could be told of them for certain. */
const NOT_KEPT = 'MessageReceived';

export function ruleOf(
  { reasons, severity, projects, apps, labels, sources }: NonNullable<Receiver['rules']>[number],
  path: SourcePath,
  problems: Problem[],
): Rule {
  for (const [index, pattern] of (reasons ?? []).entries()) {
    checkReason(pattern, [...path, 'reasons', index], problems);
  }
  return {
    reasons: reasons ?? null,
    severity: severity ?? 'info',
    projects: projects ?? null,
    apps: apps ?? null,
    labels: labels ?? null,
    sources: sources ?? null,
  };
}

function checkReason(pattern: string, path: SourcePath, problems: Problem[]): void {
  const known = Object.keys(REASONS);
  if (pattern === NOT_KEPT) {
    const message = `${NOT_KEPT} is not kept, and cannot be told`;
    problems.push({ path, message, hint: 'an app that wants somebody to be told can do it by itself' });
    return;
  }
  if (known.some((reason) => fits(reason, pattern))) return;
  const hint = didYouMean(pattern, known) ?? 'docs/reasons.md has all of them';
  const what = pattern.includes('*') ? 'no reason fits' : 'there is no reason';
  problems.push({ path, message: `${what} ${JSON.stringify(pattern)}`, hint });
}
