import type { RevisionInfo, RevisionList } from '../../api/contract/wire/revisions.ts';
import { count, formatAge } from '../../cli/views/text/quantities.ts';
import { apps } from '../link/feed.ts';
import { Badge } from '../parts/badges.tsx';
import { FieldsDiff } from '../parts/fields-diff.tsx';
import { Empty, Failed, Loading } from '../parts/said.tsx';
import { Clock } from '../parts/time.tsx';
import { useAnswer } from '../parts/use-answer.ts';

const TONES = { progressing: 'info', succeeded: 'good', failed: 'bad', superseded: 'quiet' } as const;

/** Every revision that is kept: who had it made by what, what it changed, what came of it, and how long that took. */
export function Runs() {
  const newest = Math.max(0, ...[...(apps.value?.values() ?? [])].map(({ status }) => status.revision));
  const rolling = [...(apps.value?.values() ?? [])].map(({ status }) => status.rollout?.state ?? '').join();
  const listed = useAnswer<RevisionList>('/v1/revisions', `${newest} ${rolling}`);
  if (listed === null) return <Loading />;
  if (!listed.ok) return <Failed failure={listed.error} />;
  if (listed.value.items.length === 0) return <Empty title="Nothing was applied yet" />;
  return (
    <ol class="revisions">
      {listed.value.items.map((one) => (
        <Run key={`${one.project} ${one.revision}`} one={one} />
      ))}
    </ol>
  );
}

function Run({ one }: { readonly one: RevisionInfo }) {
  const changes = one.changes.filter(({ kind }) => kind !== 'unchanged');
  const { summary } = one;
  return (
    <li class="card">
      <details>
        <summary>
          <span class="muted figures">
            <Clock at={one.at} />
          </span>
          <strong>
            {one.project} <span class="figures">{one.revision}</span>
          </strong>
          {one.outcome != null && <Badge tone={TONES[one.outcome.state]}>{one.outcome.state}</Badge>}
          <span>
            <code>{one.command || 'no command'}</code> by {one.by}
          </span>
          <span class="muted figures">
            {count(changes.length, 'change')}, {count(summary.processesTouched, 'process', 'processes')}{' '}
            touched
            {tookOf(one)}
          </span>
        </summary>
        {one.outcome?.message != null && <p class="problem">{one.outcome.message}</p>}
        {changes.map((change) => (
          <div key={change.app}>
            <p>
              <strong>{change.app}</strong> {change.kind}
            </p>
            <FieldsDiff fields={change.fields} />
          </div>
        ))}
      </details>
    </li>
  );
}

/** How long its rollouts took, where the daemon still knows when they ended. */
function tookOf({ project, revision, at }: RevisionInfo): string {
  const ends = [...(apps.value?.values() ?? [])].flatMap((app) => {
    const { rollout } = app.status;
    return app.project === project && rollout?.revision === revision && rollout.endedAt !== null
      ? [Date.parse(rollout.endedAt)]
      : [];
  });
  return ends.length === 0 ? '' : `, took ${formatAge(Math.max(...ends) - Date.parse(at))}`;
}
