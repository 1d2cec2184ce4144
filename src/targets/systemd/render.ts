import { findingsBy } from '../model/field-rules.ts';
import { error, type Diagnostic, type Finding, type Rendered } from '../model/rendered.ts';
import { secretVariables } from '../model/variables.ts';
import { inWaves } from '../model/waves.ts';
import { socketUnits, timerUnits } from './companions.ts';
import { serviceNames, unitName, type SystemdApp, type SystemdProject, type UnitFile } from './model.ts';
import { SYSTEMD_RULES } from './rules.ts';
import { secretFile, serviceText, targetName } from './service.ts';
import { plain, unitText } from './text.ts';

/** A file of secret variables that a service reads, which nobody here writes. */
export interface NeededFile {
  readonly path: string;
  readonly names: readonly string[];
}

export interface RenderedSystemd extends Rendered<UnitFile> {
  readonly secrets: readonly NeededFile[];
}

/** Projects as units of systemd: a target, and a service for each slot of each app. Pure. */
export function renderSystemd(projects: readonly SystemdProject[]): RenderedSystemd {
  const apps = projects.flatMap((project) => appsOf(project).map((app) => ({ app, units: unitsOf(app) })));
  const taken = new Map<string, SystemdApp>();
  return {
    objects: [...projects.map(targetUnit), ...apps.flatMap(({ units }) => units)],
    diagnostics: apps.flatMap(({ app, units }) =>
      [...findingsBy(SYSTEMD_RULES, app), ...units.flatMap((unit) => takenBefore(unit, app, taken))].map(
        (finding): Diagnostic => ({ project: app.project, app: app.spec.name, ...finding }),
      ),
    ),
    secrets: apps.flatMap(({ app }) => neededFile(app)),
  };
}

function appsOf({ apps, ...rest }: SystemdProject): readonly SystemdApp[] {
  const others = new Map(apps.map((spec) => [spec.name, spec]));
  return inWaves(apps).map((spec) => ({ ...rest, spec, others, name: unitName(rest.project, spec.name) }));
}

function unitsOf(app: SystemdApp): readonly UnitFile[] {
  const sockets = socketUnits(app);
  const names = sockets.map(({ name }) => name);
  const services = serviceNames(app.name, app.spec).map((name, slot) => ({
    name: `${name}.service`,
    text: serviceText(app, slot, names),
  }));
  return [...services, ...sockets, ...timerUnits(app)];
}

function targetUnit({ project }: SystemdProject): UnitFile {
  return {
    name: `${targetName(project)}.target`,
    text: unitText([
      { name: 'Unit', settings: [['Description', plain(`the apps of ${project}`)]] },
      { name: 'Install', settings: [['WantedBy', 'multi-user.target']] },
    ]),
  };
}

function takenBefore(
  { name }: UnitFile,
  app: SystemdApp,
  taken: Map<string, SystemdApp>,
): readonly Finding[] {
  const other = taken.get(name);
  if (other === undefined) {
    taken.set(name, app);
    return [];
  }
  const message = `its unit would be called ${name} there, as one of ${other.project}/${other.spec.name} is`;
  return [error('name', message, 'give one of them another name')];
}

function neededFile(app: SystemdApp): readonly NeededFile[] {
  const path = secretFile(app);
  if (path === null || path.startsWith('-')) return [];
  const names = secretVariables(app.spec).filter((name) => app.spec.env_from[name]?.optional !== true);
  return [{ path: path.replaceAll('%%', '%'), names }];
}
