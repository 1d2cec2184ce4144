import { useState } from 'preact/hooks';
import type { App } from '../../api/contract/wire/apps.ts';
import type { RevisionInfo, RevisionList } from '../../api/contract/wire/revisions.ts';
import { appKey } from '../../lib/app-key.ts';
import { Planning } from '../changes/planning.tsx';
import { FieldsDiff } from '../parts/fields-diff.tsx';
import { Badge } from '../parts/badges.tsx';
import { WhyOff } from '../parts/act.tsx';
import { Empty, Failed, Loading } from '../parts/said.tsx';
import { Ago } from '../parts/time.tsx';
import { useAnswer } from '../parts/use-answer.ts';
import { rollbackPlan } from '../link/plans.ts';

const OUTCOMES = { progressing: 'info', succeeded: 'good', failed: 'bad', superseded: 'quiet' } as const;

/** What was accepted, the newest first: what it changed for this app, what became of it, and the way back. */
export function Revisions({ app }: { readonly app: App }) {
  const { project, name, status } = app;
  const [goingTo, setGoingTo] = useState<number | null>(null);
  const path = `/v1/projects/${encodeURIComponent(project)}/revisions`;
  const listed = useAnswer<RevisionList>(path, `${status.revision} ${status.rollout?.state ?? ''}`);
  if (listed === null) return <Loading />;
  if (!listed.ok) return <Failed failure={listed.error} />;
  const key = appKey(project, name);
  const items = listed.value.items.filter(
    (one, index) =>
      index === 0 || one.changes.some((change) => change.app === key && change.kind !== 'unchanged'),
  );
  if (items.length === 0) return <Empty title="No revision is kept" />;
  return (
    <section aria-label="Revisions">
      <WhyOff />
      <ol class="revisions">
        {items.map((one) => (
          <Revision
            key={one.revision}
            one={one}
            app={key}
            isPresent={one.revision === status.revision}
            onGo={() => setGoingTo(one.revision)}
          />
        ))}
      </ol>
      {goingTo !== null && (
        <Planning
          title={`Roll back ${key} to revision ${goingTo}`}
          act="Roll back"
          planned={rollbackPlan({ project, app: name, revision: goingTo })}
          onClose={() => setGoingTo(null)}
        />
      )}
    </section>
  );
}

interface RevisionProps {
  readonly one: RevisionInfo;
  readonly app: string;
  readonly isPresent: boolean;
  readonly onGo: () => void;
}

function Revision({ one, app, isPresent, onGo }: RevisionProps) {
  const change = one.changes.find((of) => of.app === app);
  return (
    <li class="card">
      <h2 class="figures">
        Revision {one.revision} {isPresent && <Badge tone="info">present</Badge>}
        {one.outcome != null && <Badge tone={OUTCOMES[one.outcome.state]}>{one.outcome.state}</Badge>}
      </h2>
      <p class="muted">
        <Ago at={one.at} /> ago by {one.by} {one.command !== '' && <code>{one.command}</code>}
        {one.commit != null && (
          <>
            {' '}
            at <code>{one.commit.slice(0, 10)}</code>
          </>
        )}
      </p>
      {one.outcome?.message != null && <p class="problem">{one.outcome.message}</p>}
      {change !== undefined && (
        <>
          <p>{change.kind}</p>
          <FieldsDiff fields={change.fields} />
        </>
      )}
      {!isPresent && (
        <button type="button" onClick={onGo}>
          Compare and roll back…
        </button>
      )}
    </li>
  );
}
