import type { PlanDocument } from '../../../api/contract/wire/plan.ts';
import { splitAppKey } from '../../../lib/app-key.ts';
import type { PlanSummary } from '../../../plan/model/plan.ts';
import { count } from '../text/quantities.ts';
import { escapeControls } from '../text/text.ts';
import { codeNotes, portNotes } from './plan-notes.ts';

const DONE: readonly (readonly [keyof PlanSummary, string])[] = [
  ['create', 'created'],
  ['scale', 'scaled'],
  ['live', 'updated live'],
  ['roll', 'rolled'],
  ['reload', 'reloaded'],
  ['start', 'started'],
  ['stop', 'stopped'],
  ['restart', 'restarted'],
  ['run', 'run'],
  ['remove', 'removed'],
];

/**
 * The last line of an apply: what changed, how many processes that touched, and what to look at next. Where that is
 * nothing, the code that is on disk and that nobody runs is told too: else the plan above has told it.
 */
export function renderSummary(plan: PlanDocument, waited: boolean): string {
  const { summary } = plan;
  const parts = DONE.filter(([kind]) => (summary[kind] ?? 0) > 0).map(
    ([kind, word]) => `${summary[kind]} ${waited ? word : `being ${word}`}`,
  );
  const what = parts.length === 0 ? 'Nothing to do' : capitalised(parts.join(', '));
  const touched = `${count(summary.processesTouched, 'process', 'processes')} touched`;
  const next =
    parts.length === 0
      ? ''
      : plan.target !== undefined
        ? ` See: stateward get --target ${plan.target.name}`
        : waited
          ? ` See: stateward history ${historySubject(plan)}`.trimEnd()
          : ` Follow: stateward ${summary.roll > 0 ? 'rollout status -w' : 'get -w'}`;
  const idle = parts.length > 0 ? [] : codeNotes(plan);
  const notes = [...idle, ...portNotes(plan)].map((note) => `${escapeControls(note, false)}\n`).join('');
  return `${what}, ${summary.unchanged} unchanged. ${touched}.${next}\n${notes}`;
}

/** The project, with the slash that tells it from an app of the same name; none of several. */
function historySubject({ projects, changes }: PlanDocument): string {
  const [only, ...others] = projects;
  if (only === undefined || others.length > 0) return '';
  const { project } = only;
  return changes.some(({ app }) => splitAppKey(app).name === project) ? `${project}/` : project;
}

function capitalised(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1);
}
