import { resolve } from 'node:path';
import { resolveSelectors, type Target } from '../../api/contract/selectors.ts';
import type { LogsQuery } from '../../api/contract/endpoints/logs-query.ts';
import type { Driver } from '../../driver/driver.ts';
import type { Cancel } from '../../lib/clocks/clock.ts';
import { groupBy } from '../../lib/collections.ts';
import type { Failure } from '../../lib/failure.ts';
import { ok, type Result } from '../../lib/result.ts';
import { effectiveInstances } from '../../plan/slots/effective.ts';
import type { DesiredApp } from '../../plan/model/desired.ts';
import type { Store } from '../../state/store.ts';
import { catalogue } from '../views/catalogue.ts';
import type { Claim, LogFile } from './parts/log-source.ts';

/** Which log files are read: a list that changes as apps come and go. */
export interface LogBook {
  /** The same list as before while nothing has changed. */
  files(): readonly LogFile[];
  /** Calls back when the list may be another one. */
  subscribe(listener: () => void): Cancel;
}

export interface AppBookContext {
  readonly store: Store;
  readonly driver: Pick<Driver, 'logFiles'>;
}

/** A list that stays as it is. */
export function fixedBook(files: readonly LogFile[]): LogBook {
  return { files: () => files, subscribe: () => () => undefined };
}

/** What controller and runner have said. */
export function daemonBook(path: string): LogBook {
  const claims = [{ app: 'stateward/daemon', slot: 0, stream: 'out' }] as const;
  return fixedBook([{ path, claims, others: [], keep: null, isDaemonLog: true }]);
}

/** The log files of what selectors mean, which may be more tomorrow. Fails when they mean nothing now. */
export function selectedBook(
  { selectors, stream }: Pick<LogsQuery, 'selectors' | 'stream'>,
  context: AppBookContext,
): Result<LogBook, Failure> {
  const { store } = context;
  const all = selectors.length === 0 ? ['all'] : selectors;
  const find = (): Result<readonly LogFile[], Failure> => {
    const targets = resolveSelectors(all, catalogue(store));
    return targets.ok ? ok(filesOf(targets.value, stream, context)) : targets;
  };
  const first = find();
  if (!first.ok) return first;
  let files = first.value;
  let isCurrent = true;
  return ok({
    files() {
      if (isCurrent) return files;
      isCurrent = true;
      const found = find();
      // What they meant is gone now, or means several: what was followed before stays.
      if (found.ok && !isSameList(found.value, files)) files = found.value;
      return files;
    },
    subscribe: (listener) =>
      store.onCommit(() => {
        isCurrent = false;
        listener();
      }),
  });
}

function isSameList(one: readonly LogFile[], other: readonly LogFile[]): boolean {
  return JSON.stringify(one) === JSON.stringify(other);
}

function filesOf(
  targets: readonly Target[],
  stream: LogsQuery['stream'],
  { store, driver }: AppBookContext,
): readonly LogFile[] {
  const files = new Map<string, { claims: Claim[]; others: Claim[]; keep: number | null }>();
  const wanted = groupBy(targets, ({ key }) => key);
  const isWanted = ({ app, slot, stream: own }: Claim): boolean =>
    (stream === 'all' || own === stream) &&
    wanted.get(app)?.some((target) => target.slot === null || target.slot === slot) === true;
  for (const app of store.desired()) {
    for (const { path, claim, keep } of knownOutputs(app, driver)) {
      const file = files.get(path) ?? { claims: [], others: [], keep };
      files.set(path, file);
      (isWanted(claim) ? file.claims : file.others).push(claim);
    }
  }
  return [...files].flatMap(([path, file]) => (file.claims.length === 0 ? [] : [{ path, ...file }]));
}

interface Output {
  readonly path: string;
  readonly claim: Claim;
  readonly keep: number | null;
}

/** An app that is declared otherwise is another object. */
const known = new WeakMap<DesiredApp, readonly Output[]>();

/** Looked up once: a file of one app may be that of any other, of thousands. */
function knownOutputs(app: DesiredApp, driver: AppBookContext['driver']): readonly Output[] {
  const found = known.get(app) ?? outputsOf(app, driver);
  known.set(app, found);
  return found;
}

/**
 * Where the output of an app goes. What is written to the file for both streams is read from there only where a stream has
 * no file of its own.
 */
function outputsOf(app: DesiredApp, driver: AppBookContext['driver']): readonly Output[] {
  const outputs: Output[] = [];
  const keep = app.spec.log_rotate?.keep ?? null;
  for (let slot = 0; slot < effectiveInstances(app.spec, app.override); slot++) {
    const { outFile, errorFile, combinedFile } = driver.logFiles(app, slot);
    for (const [stream, own] of [
      ['out', outFile],
      ['err', errorFile],
    ] as const) {
      const path = own ?? combinedFile;
      if (path !== null) outputs.push({ path: resolve(path), claim: { app: app.key, slot, stream }, keep });
    }
  }
  return outputs;
}
