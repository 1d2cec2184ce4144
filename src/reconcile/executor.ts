import { err, ok, type Result } from '../lib/result.ts';
import type { Driver, DriverError } from '../driver/driver.ts';
import { endingOf, instanceLabels, launchSpec, type LaunchContext } from '../driver/launch.ts';
import { logSettings } from '../driver/log-settings.ts';
import { startable } from '../plan/slots/effective.ts';
import type { CodeIdentity } from '../plan/model/code.ts';
import type { Action, DesiredApp, ObservedInstance } from '../plan/model/types.ts';
import type { Bound } from './bound.ts';

export interface ExecutorOptions {
  readonly driver: Driver;
  readonly launch: LaunchContext;
  readonly newNonce: () => string;
  /** What a process of the app would run that is started now; undefined: not known. Never fails. */
  readonly codeOf?: ((app: DesiredApp) => Promise<CodeIdentity | undefined>) | undefined;
  /** Shared by all apps: how many starts may be under way at once. */
  readonly starts: Bound;
  /** Makes sure that the exits taken into the history are on disk. */
  readonly flushHistory: () => Promise<void>;
}

/** What came of one action. */
export interface Executed {
  readonly action: Action;
  /** Of a start: the process, up or failed. Of an adoption: the process as it was before. */
  readonly instance: ObservedInstance | null;
}

type Executors = {
  readonly [K in Action['kind']]: (
    action: Extract<Action, { kind: K }>,
    app: DesiredApp | undefined,
  ) => Promise<Result<ObservedInstance | null, DriverError>>;
};

/** Carries out actions on the driver. Knows how, never whether: the plan has decided that. */
export function createExecutor(options: ExecutorOptions) {
  const executors = createExecutors(options);
  return async (action: Action, app: DesiredApp | undefined): Promise<Result<Executed, DriverError>> => {
    const execute = executors[action.kind] as (
      action: Action,
      app: DesiredApp | undefined,
    ) => Promise<Result<ObservedInstance | null, DriverError>>;
    const done = await execute(action, app);
    return done.ok ? ok({ action, instance: done.value }) : done;
  };
}

function createExecutors(options: ExecutorOptions): Executors {
  const { driver, launch, newNonce, codeOf, starts, flushHistory } = options;
  return {
    start(action, app) {
      if (app === undefined) return Promise.resolve(notDesired(action));
      return starts.run(async () => {
        const started = startable(app);
        // Before it is started: what is written meanwhile must not be taken for what runs.
        const code = await codeOf?.(started);
        return driver.start(launchSpec({ app: started, slot: action.slot, nonce: newNonce(), code }, launch));
      });
    },
    async stop({ nonce, how }) {
      return gone(await driver.stop({ nonce, ...how }));
    },
    async adopt(action, app) {
      if (app === undefined) return notDesired(action);
      const logs = logSettings(app, action.slot, launch.logsDir);
      const before = driver.instancesOf(action.key).find(({ nonce }) => nonce === action.nonce) ?? null;
      const labels = instanceLabels(app, action.slot, before?.code);
      const done = gone(await driver.adopt(action.nonce, { labels, logs, ...endingOf(app.spec) }));
      return done.ok ? ok(before) : done;
    },
    async forget({ nonce }) {
      // The record goes only when the history holds the exit: else a crash in between would lose it.
      await flushHistory();
      return gone(await driver.forget(nonce));
    },
  };
}

/** A process that is not there any more needs no stop, and no other order either. */
function gone(result: Result<void, DriverError>): Result<null, DriverError> {
  if (result.ok || result.error.code === 'unknown-instance') return ok(null);
  return result;
}

function notDesired(action: Action): Result<never, DriverError> {
  return err({ code: 'refused', message: `cannot ${action.kind} ${action.key}: it is not desired` });
}
