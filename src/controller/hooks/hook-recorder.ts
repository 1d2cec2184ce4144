import type { AppKey } from '../../lib/app-key.ts';
import type { Clock } from '../../lib/clocks/clock.ts';
import type { Driver } from '../../driver/driver.ts';
import { describeFailedHook } from '../../plan/explain/hooks-condition.ts';
import { failureOf, keptRuns, timeoutOf, wasEnded } from '../../plan/hooks/hook-runs.ts';
import type { DesiredApp } from '../../plan/model/desired.ts';
import type { HookRecord, PreStartVerdict } from '../../plan/model/hooks.ts';
import type { InstanceExit, ObservedHook } from '../../plan/model/observed.ts';
import type { RolloutFailure } from '../../plan/model/rollout.ts';
import { formatSpan } from '../../lib/units.ts';
import type { HookBook } from '../../reconcile/loop-options.ts';
import { redactorOf, redactText } from '../../spec/secrets/redact.ts';
import type { Store } from '../../state/store.ts';
import { lastLines, withOutput } from '../rollouts/failure-output.ts';
import { rollbackMeta, type RollbackContext } from '../rollouts/rollback-meta.ts';

export interface HookRecorderOptions extends RollbackContext {
  readonly driver: Pick<Driver, 'tail' | 'hooksOf'>;
  readonly store: Pick<Store, 'commit' | 'history' | 'recordHooks' | 'appendEvent' | 'desiredApp'> &
    RollbackContext['store'];
  readonly clock: Clock;
  /** A run is on record now: its app is to be looked at again. */
  readonly onRecorded: (key: AppKey) => void;
  readonly onError: (error: unknown) => void;
}

/** More than can be on the table of a runner at once. */
const REMEMBERED_RUNS = 10_000;
/** As much of a line as stands in a message. */
const LINE_LENGTH = 200;

/** Keeps how hooks have ended, with the last of what they wrote, and tells of it. Nothing waits for that. */
export function hookRecorder(options: HookRecorderOptions): HookBook {
  // Also of apps that are gone, of which no history is kept. In the order in which they ended.
  const told = new Set<string>();
  return {
    ended(hook, app) {
      const { nonce, key } = hook;
      const isKnown = options.store.history(key).hooks?.some((record) => record.nonce === nonce) === true;
      if (isKnown || told.has(nonce)) return;
      told.add(nonce);
      const [oldest] = told;
      if (told.size > REMEMBERED_RUNS && oldest !== undefined) told.delete(oldest);
      void record(hook, app, options)
        .catch((error: unknown) => {
          told.delete(nonce);
          options.onError(error);
        })
        .finally(() => options.onRecorded(key));
    },
    preStartEnded: (app, verdict) => commitPreStart(app, verdict, options),
  };
}

async function record(
  hook: ObservedHook,
  app: DesiredApp | undefined,
  options: HookRecorderOptions,
): Promise<void> {
  const { store } = options;
  const { exit, key } = hook;
  if (exit === null) return;
  const show = app === undefined ? redactText : redactorOf(app.spec);
  const lines = ((await lastLines(hook.nonce, options)) ?? []).map(({ line }) => show(line));
  const run = recordOf(hook, exit, { app, lines, show });
  // Of an app that is gone no history is kept.
  if (store.desiredApp(key) !== undefined) {
    const before = (store.history(key).hooks ?? []).filter(({ nonce }) => nonce !== run.nonce);
    const onTable = new Set(options.driver.hooksOf(key).map(({ nonce }) => nonce));
    store.recordHooks(
      key,
      keptRuns([run, ...before], (nonce) => onTable.has(nonce)),
    );
  }
  const { slot, generation } = run;
  const isWell = run.failure === null;
  const last = isWell ? undefined : run.lines?.at(-1);
  const message = isWell
    ? `${run.name} hook${slot === null ? '' : ` of slot ${slot}`} ended well after ${formatSpan(run.durationMs)} (exit code 0)`
    : `${describeFailedHook(run)}${last === undefined ? '' : `: ${last}`}`;
  store.appendEvent({
    at: options.clock.now(),
    level: isWell ? 'info' : 'warning',
    reason: isWell ? 'HookSucceeded' : 'HookFailed',
    message,
    ...{ key, slot, pid: null, generation },
  });
}

function recordOf(
  hook: ObservedHook,
  exit: InstanceExit,
  {
    app,
    lines,
    show,
  }: {
    readonly app: DesiredApp | undefined;
    readonly lines: readonly string[];
    readonly show: (text: string) => string;
  },
): HookRecord {
  const { nonce, generation, revision, startedAt } = hook;
  const timeoutMs = timeoutOf(app?.spec, hook.hook.name);
  const failure = failureOf(exit, timeoutMs);
  return {
    ...hook.hook,
    ...{ nonce, generation, revision, startedAt },
    durationMs: exit.upMs,
    exitCode: exit.code,
    signal: exit.signal,
    failure: failure === null ? null : show(failure),
    ...(wasEnded(exit, timeoutMs) && { calledOff: true as const }),
    ...(lines.length > 0 && { lines }),
  };
}

async function commitPreStart(
  app: DesiredApp,
  { release, failure, nonce }: PreStartVerdict,
  options: HookRecorderOptions,
): Promise<void> {
  const fact = {
    kind: 'pre-start-ended',
    key: app.key,
    release,
    failure: failure === null ? null : await describeFailure(app, { failure, nonce }, options),
    at: options.clock.now(),
  } as const;
  const { failure: failed } = fact;
  const committed = await options.store.commit(
    fact,
    failed === null ? undefined : () => rollbackMeta(fact, failed, options),
  );
  if (!committed.ok)
    throw new Error(`cannot record how its pre_start hook ended: ${committed.error.message}`);
}

/** With the last line that it wrote: so it is said wherever the rollout is. */
async function describeFailure(
  app: DesiredApp,
  { failure, nonce }: { readonly failure: string; readonly nonce: string },
  options: HookRecorderOptions,
): Promise<RolloutFailure> {
  const show = redactorOf(app.spec);
  const message = show(`pre_start hook ${failure}`);
  const verdict = {
    kind: 'failed',
    failure: { reason: 'PreStartFailed', message, slot: null },
    nonce,
  } as const;
  const described = await withOutput(verdict, show, options);
  const last = described.logLines?.at(-1)?.line.slice(0, LINE_LENGTH);
  return last === undefined ? described : { ...described, message: `${message}: ${last}` };
}
