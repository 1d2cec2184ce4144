import { useState } from 'preact/hooks';
import type { App } from '../../api/contract/wire/apps.ts';
import { apps } from '../link/feed.ts';
import { declaredPlan, rollbackPlan, type Planned } from '../link/plans.ts';
import { rolloutsOf } from '../model/rollout-slots.ts';
import { Empty, Loading } from '../parts/said.tsx';
import { Drifts } from './drifts.tsx';
import { Planning } from './planning.tsx';
import { Rollouts } from './rollouts.tsx';

/** What is planned in the window that is open. */
export interface Asked {
  readonly title: string;
  readonly act: string;
  readonly planned: Planned;
}

/** What goes on, what differs from what is declared, and what would change. */
export function ChangesScreen() {
  const [asked, setAsked] = useState<Asked | null>(null);
  const { value: known } = apps;
  if (known === undefined) return <Loading rows={8} />;
  const all = [...known.values()];
  const rollouts = rolloutsOf(all);
  const back = (app: App, revision: number): void =>
    setAsked({
      title: `Roll back ${app.project}/${app.name} to revision ${revision}`,
      act: 'Roll back',
      planned: rollbackPlan({ project: app.project, app: app.name, revision }),
    });
  return (
    <>
      <h1>Changes</h1>
      <section aria-labelledby="rollouts">
        <h2 id="rollouts">Rollouts</h2>
        {rollouts.length === 0 ? (
          <p class="muted">None goes on, waits, or has failed.</p>
        ) : (
          <Rollouts apps={rollouts} onBack={back} />
        )}
      </section>
      <section aria-labelledby="pending">
        <h2 id="pending">Pending</h2>
        {all.length === 0 ? (
          <Empty title="Nothing is declared yet" />
        ) : (
          <Drifts
            all={all}
            onPlan={(project) =>
              setAsked({ title: `Plan of ${project}`, act: 'Apply', planned: declaredPlan(project) })
            }
          />
        )}
      </section>
      {asked !== null && <Planning {...asked} onClose={() => setAsked(null)} />}
    </>
  );
}
