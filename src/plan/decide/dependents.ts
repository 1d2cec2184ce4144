import { appKey, splitAppKey, type AppKey } from '../../lib/app-key.ts';
import { runMode } from '../slots/effective.ts';
import type { HostView } from '../model/host-view.ts';

/**
 * The apps that depend on `key`, directly or through others, that are to stop as well, and that still have processes:
 * they end first. Sorted. Declarations from different times can make a circle; its apps do not wait for each other.
 * Nothing waits for an unverified process, because nobody will end it.
 */
export function dependentsToEndFirst(key: AppKey, host: HostView): readonly AppKey[] {
  const found = reach(key, (app) => host.dependentsOf(app)).filter(
    (dependent) => isToGo(dependent, host) && hasProcess(dependent, host),
  );
  if (found.length === 0) return found;
  const needed = new Set(allDependencies(key, host));
  return found.filter((dependent) => !needed.has(dependent)).sort((a, b) => (a < b ? -1 : 1));
}

/** Everything that an app depends on, directly or through others. */
export function allDependencies(key: AppKey, host: HostView): readonly AppKey[] {
  return reach(key, (app) => dependenciesOf(app, host));
}

/** `web and worker have to end first: they depend on this app`. */
export function describeDependents(dependents: readonly AppKey[]): string {
  const names = dependents.map((key) => splitAppKey(key).name);
  const last = names.at(-1) ?? '';
  return names.length === 1
    ? `${last} has to end first: it depends on this app`
    : `${names.slice(0, -1).join(', ')} and ${last} have to end first: they depend on this app`;
}

/** Everything that can be reached from `start`, without itself. */
function reach(start: AppKey, next: (key: AppKey) => readonly AppKey[]): AppKey[] {
  const seen = new Set<AppKey>([start]);
  // Iteration over a set includes what is added on the way.
  for (const key of seen) for (const other of next(key)) seen.add(other);
  seen.delete(start);
  return [...seen];
}

function dependenciesOf(key: AppKey, host: HostView): readonly AppKey[] {
  const spec = (host.desiredApp(key) ?? host.acceptedApp(key))?.spec;
  const { project } = splitAppKey(key);
  return Object.keys(spec?.depends_on ?? {}).map((name) => appKey(project, name));
}

function isToGo(key: AppKey, host: HostView): boolean {
  const app = host.desiredApp(key);
  return app === undefined || runMode(app.spec, app.override) === 'stopped';
}

function hasProcess(key: AppKey, host: HostView): boolean {
  return host.instancesOf(key).some(({ state }) => state !== 'exited' && state !== 'unverified');
}
