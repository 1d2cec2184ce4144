import type { PlanDocument } from '../../api/contract/wire/plan.ts';
import { count } from '../../cli/views/text/quantities.ts';
import type { Change, ChangeKind } from '../../plan/model/plan.ts';
import { costOf, instancesText } from '../model/plan-words.ts';
import { FieldsDiff } from '../parts/fields-diff.tsx';
import { Empty } from '../parts/said.tsx';

/** As the command line has them. */
const SYMBOLS: Readonly<Record<ChangeKind, string>> = {
  create: '+',
  remove: '−',
  roll: '±',
  restart: '±',
  run: '±',
  reload: '~',
  scale: '~',
  live: '~',
  start: '+',
  stop: '−',
  unchanged: '=',
};

/** What would change, app by app, with what it costs. */
export function PlanView({ plan }: { readonly plan: PlanDocument }) {
  const changes = plan.changes.filter(({ kind }) => kind !== 'unchanged');
  const { summary, version } = plan;
  if (changes.length === 0) {
    return <Empty title="Nothing would change">{count(summary.unchanged, 'app')} as declared.</Empty>;
  }
  return (
    <div class="plan">
      {plan.projects.map(({ project, revisionBefore, revisionAfter, notes = [] }) => (
        <p key={project} class="muted figures">
          {project}: revision {revisionBefore ?? 'none'} → {revisionAfter}
          {notes.map((note) => ` · ${note}`)}
        </p>
      ))}
      {version !== undefined && (
        <p class="muted">
          source {version.source}, <code>{version.version.slice(0, 10)}</code> {version.subject}
        </p>
      )}
      <ul>
        {changes.map((change) => (
          <OneChange key={change.app} change={change} />
        ))}
      </ul>
      {plan.portWarnings?.map(({ message }) => (
        <p key={message} class="problem">
          {message}
        </p>
      ))}
      <p class="figures">
        <strong>
          {summary.processesTouched} {summary.processesTouched === 1 ? 'process' : 'processes'} touched
        </strong>
        , {summary.processesUntouched} not. {count(summary.unchanged, 'app')} unchanged.
      </p>
    </div>
  );
}

function OneChange({ change }: { readonly change: Change }) {
  return (
    <li class={`change ${change.kind}`}>
      <p>
        <span class="symbol" aria-hidden="true">
          {SYMBOLS[change.kind]}
        </span>
        <strong>{change.app}</strong> {change.kind}
        <span class="muted"> {costOf(change)}</span>
      </p>
      {change.fields.length === 0 ? (
        <p class="muted">{instancesText(change)}</p>
      ) : (
        <FieldsDiff fields={change.fields} />
      )}
      {change.failedBefore !== undefined && (
        <p class="problem">This version has failed before: {change.failedBefore}</p>
      )}
      {change.hint !== undefined && <p class="muted">{change.hint}</p>}
    </li>
  );
}
