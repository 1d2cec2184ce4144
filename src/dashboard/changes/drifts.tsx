import { groupBy } from '../../lib/collections.ts';
import type { App } from '../../api/contract/wire/apps.ts';
import { session } from '../link/session.ts';
import { Badge } from '../parts/badges.tsx';
import { Ago } from '../parts/time.tsx';
import { appRoute, follow } from '../shell/navigate.ts';

interface DriftsProps {
  readonly all: readonly App[];
  readonly onPlan: (project: string) => void;
}

const READ_ONLY = 'read-only: to plan reads the file, which may run code; stateward plan shows the same';

/** Project by project: what differs from what is declared, and what its declaration would change now. */
export function Drifts({ all, onPlan }: DriftsProps) {
  const projects = [...groupBy(all, ({ project }) => project)].sort(
    ([, one], [, other]) => driftsOf(other).length - driftsOf(one).length,
  );
  const isOff = session.value?.access !== 'write';
  return (
    <ul class="projects">
      {projects.map(([project, apps]) => {
        const drifts = driftsOf(apps);
        return (
          <li key={project} class="card">
            <div class="head">
              <h3>{project}</h3>
              {drifts.length === 0 ? (
                <Badge tone="quiet">no drift is known</Badge>
              ) : (
                <Badge tone="warn">
                  {drifts.length} {drifts.length === 1 ? 'drift' : 'drifts'}
                </Badge>
              )}
              <span class="grow" />
              <button
                type="button"
                aria-disabled={isOff}
                title={isOff ? READ_ONLY : undefined}
                aria-label={`Plan ${project}`}
                onClick={() => !isOff && onPlan(project)}
              >
                Plan…
              </button>
            </div>
            {drifts.length > 0 && (
              <ul class="drifts">
                {drifts.map(({ app, drift }) => (
                  <li key={`${app.name} ${drift.kind} ${drift.slot ?? ''} ${drift.message}`}>
                    <p>
                      <Badge tone={drift.heals === 'now' ? 'info' : 'warn'}>{drift.kind}</Badge>{' '}
                      <a {...follow(appRoute(app, 'config'))}>{app.name}</a>
                      {drift.slot !== undefined && `:${drift.slot}`} {drift.message}
                    </p>
                    <p class="muted">
                      {drift.by !== undefined && `by ${drift.by}, `}
                      {drift.since !== null && (
                        <>
                          for <Ago at={drift.since} />;{' '}
                        </>
                      )}
                      {drift.hint}
                    </p>
                  </li>
                ))}
              </ul>
            )}
          </li>
        );
      })}
    </ul>
  );
}

/** What is said of each app of a project is said once. */
function driftsOf(apps: readonly App[]) {
  const seen = new Set<string>();
  return apps.flatMap((app) =>
    (app.status.drift ?? []).flatMap((drift) => {
      const isOfProject = drift.kind === 'declaration' || drift.kind === 'release';
      const key = isOfProject
        ? drift.message
        : `${app.name} ${drift.kind} ${drift.slot ?? ''} ${drift.message}`;
      if (seen.has(key)) return [];
      seen.add(key);
      return [{ app, drift }];
    }),
  );
}
