import { resolveSelectors } from '../../api/contract/selectors.ts';
import type {
  FlushedFile,
  FlushRequest,
  FlushResponse,
  ReopenRequest,
} from '../../api/contract/wire/log-files.ts';
import type { Done } from '../../api/contract/wire/daemon.ts';
import type { DriverError } from '../../driver/driver.ts';
import type { AppKey } from '../../lib/app-key.ts';
import type { Failure } from '../../lib/failure.ts';
import { err, ok, type Result } from '../../lib/result.ts';
import type { DesiredApp } from '../../plan/model/desired.ts';
import { effectiveInstances } from '../../plan/slots/effective.ts';
import type { ControllerContext } from '../context/context.ts';
import { catalogue } from '../views/catalogue.ts';

type Context = Pick<ControllerContext, 'store' | 'driver' | 'clock'>;

/** POST /v1/logs/flush. One slot of an app: the files of that one. */
export async function flushLogs(
  { selectors, rotated = false, by }: FlushRequest,
  { store, driver, clock }: Context,
): Promise<Result<FlushResponse, Failure>> {
  const targets = resolveSelectors(selectors, catalogue(store));
  if (!targets.ok) return targets;
  const desired = store.desired();
  const writers = (app: DesiredApp, slot: number | null): readonly string[] => filesOf(app, slot, driver);
  const apps = new Map<string, Set<AppKey>>();
  for (const { key, slot } of targets.value) {
    const app = desired.find((one) => one.key === key);
    for (const path of app === undefined ? [] : writers(app, slot)) {
      apps.set(path, (apps.get(path) ?? new Set()).add(key));
    }
  }
  const emptied = await driver.flushLogs([...apps.keys()], rotated);
  if (!emptied.ok) return err(failureOf(emptied.error, 'empty log files'));
  const files = emptied.value.map((file): FlushedFile => {
    const own = apps.get(file.path) ?? new Set<AppKey>();
    const all = desired.filter((app) => writers(app, null).includes(file.path)).map(({ key }) => key);
    const others = all.filter((key) => !own.has(key));
    return { ...file, apps: [...own], others, skipped: file.skipped ?? null };
  });
  for (const key of new Set(targets.value.map((target) => target.key))) {
    const { length } = files.filter((file) => file.skipped === null && file.apps.includes(key));
    store.appendEvent({
      ...{ at: clock.now(), level: 'info', reason: 'LogsEmptied' },
      message: `${by} emptied ${length} log file${length === 1 ? '' : 's'}${rotated ? ', rotated ones too' : ''}`,
      ...{ key, slot: null, pid: null, generation: null },
    });
  }
  return ok({ files });
}

/** POST /v1/logs/reopen. */
export async function reopenLogs(
  _request: ReopenRequest,
  { driver }: Pick<Context, 'driver'>,
): Promise<Result<Done, Failure>> {
  const done = await driver.reopenLogs();
  return done.ok ? ok({}) : err(failureOf(done.error, 'reopen log files'));
}

/** Of all slots: those that it has, and those whose processes are still there. */
function filesOf(app: DesiredApp, slot: number | null, driver: Context['driver']): readonly string[] {
  const declared = Array.from({ length: effectiveInstances(app.spec, app.override) }, (_, n) => n);
  const observed = driver.instancesOf(app.key).map((instance) => instance.slot);
  const slots = slot === null ? [...new Set([...declared, ...observed])] : [slot];
  const files = slots.map((n) => driver.logFiles(app, n));
  const paths = files.flatMap(({ outFile, errorFile, combinedFile }) => [outFile, errorFile, combinedFile]);
  return [...new Set(paths)].filter((path) => path !== null);
}

function failureOf({ code, message }: DriverError, what: string): Failure {
  if (code !== 'unsupported') return { code: 'RUNNER_UNREACHABLE', message: `cannot ${what}: ${message}` };
  return {
    code: 'RUNNER_OLDER',
    message: `cannot ${what}: the runner that holds the apps is older than the daemon, and does not know how`,
    hint: 'stateward daemon upgrade takes the new version into use; apps keep running',
  };
}
