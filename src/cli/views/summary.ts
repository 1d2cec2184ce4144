import type { PlanDocument } from '../../api/wire.ts';
import type { PlanSummary } from '../../plan/types.ts';
import { count } from './quantities.ts';

const DONE: readonly (readonly [keyof PlanSummary, string])[] = [
  ['create', 'created'],
  ['scale', 'scaled'],
  ['live', 'updated live'],
  ['roll', 'rolled'],
  ['start', 'started'],
  ['stop', 'stopped'],
  ['restart', 'restarted'],
  ['remove', 'removed'],
];

/** The last line of an apply: what changed, how many processes that touched, and what to look at next. */
export function renderSummary({ summary, projects }: PlanDocument, waited: boolean): string {
  const parts = DONE.filter(([kind]) => summary[kind] > 0).map(
    ([kind, word]) => `${summary[kind]} ${waited ? word : `being ${word}`}`,
  );
  const what = parts.length === 0 ? 'Nothing to do' : capitalised(parts.join(', '));
  const touched = `${count(summary.processesTouched, 'process', 'processes')} touched`;
  const next =
    parts.length === 0
      ? ''
      : waited
        ? ` See: stateward history ${projects.map(({ project }) => project).join(' ')}`.trimEnd()
        : ' Follow: stateward get -w';
  return `${what}, ${summary.unchanged} unchanged. ${touched}.${next}\n`;
}

function capitalised(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1);
}
