import { appKey } from '../../lib/app-key.ts';
import { chosenNumbers, stillChosen, withChosen } from '../../spec/ports/chosen-ports.ts';
import type { AppKey } from '../../lib/app-key.ts';
import type { AppRecord, Fact, ProjectRecord } from '../model/types.ts';

type Projects = ReadonlyMap<string, ProjectRecord>;

/** The app with ports that were chosen for it; one that another place has already is left out. */
export function choosePorts(
  app: AppRecord,
  { key, ports }: Extract<Fact, { kind: 'ports-chosen' }>,
  projects: Projects,
): AppRecord {
  const others = numbersOf(projects, (other) => other !== key);
  const own = new Set(chosenNumbers(app.ports ?? {}));
  const free = ports.filter(({ port }) => !others.has(port) && !own.has(port));
  return free.length === 0 ? app : { ...app, ports: withChosen(app.ports ?? {}, free) };
}

/** Every number that was chosen for apps that `isMeant` says. */
export function numbersOf(projects: Projects, isMeant: (key: AppKey) => boolean): ReadonlySet<number> {
  const found = new Set<number>();
  for (const { project, apps } of projects.values()) {
    for (const [name, { ports }] of Object.entries(apps)) {
      if (ports === undefined || !isMeant(appKey(project, name))) continue;
      for (const number of chosenNumbers(ports)) found.add(number);
    }
  }
  return found;
}

/** The app without ports that neither it nor the version to go back to declares any more. */
export function withoutStrayPorts(app: AppRecord): AppRecord {
  if (app.ports === undefined) return app;
  const previous = app.rollout?.previous ?? null;
  const { ports, ...rest } = app;
  const left = stillChosen(ports, previous === null ? [app.spec] : [app.spec, previous.spec]);
  return left === undefined ? rest : { ...rest, ports: left };
}
