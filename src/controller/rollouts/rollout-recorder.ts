import type { AppKey } from '../../lib/app-key.ts';
import type { Clock } from '../../lib/clocks/clock.ts';
import type { Failure } from '../../lib/failure.ts';
import type { Result } from '../../lib/result.ts';
import { SharedWork } from '../../lib/turns/shared-work.ts';
import type { Driver } from '../../driver/driver.ts';
import { listens } from '../../plan/slots/readiness.ts';
import type { DesiredApp } from '../../plan/model/desired.ts';
import type { ReloadVerdict } from '../../plan/model/reload.ts';
import type { RolloutVerdict } from '../../plan/model/rollout.ts';
import { redactorOf } from '../../spec/secrets/redact.ts';
import type { Store } from '../../state/store.ts';
import type { Commit, Fact } from '../../state/model/types.ts';
import { withOutput, type FailureOutputContext } from './failure-output.ts';
import { rollbackMeta, type RollbackContext } from './rollback-meta.ts';

export interface RolloutRecorderOptions extends FailureOutputContext, RollbackContext {
  readonly driver: Pick<Driver, 'tail' | 'instancesOf'>;
  readonly store: Pick<Store, 'records' | 'histories' | 'commit'>;
  /** One line for the daemon's log. */
  readonly log: (line: string) => void;
}

/** Records durably how a rollout or a reload has ended; resolves with true when that has changed the desired state. */
export type RecordRollout = (app: DesiredApp, verdict: RolloutVerdict | ReloadVerdict) => Promise<boolean>;

/**
 * Rollouts that end during a write are written together: a hundred new apps take a few writes, not a hundred.
 */
export function rolloutRecorder(options: RolloutRecorderOptions): RecordRollout {
  const { store, clock, log, driver } = options;
  const completions = new Batch((facts) => store.commit(facts), clock);
  return async ({ key, generation, spec }, verdict) => {
    if (verdict.kind === 'reloaded') return recordReload(key, verdict, options);
    const about = { key, generation, at: clock.now() };
    const committed =
      verdict.kind === 'completed'
        ? await completions.add({
            kind: 'rollout-completed',
            ...about,
            ...(driver.instancesOf(key).some(listens) && { listens: true }),
          })
        : await commitFailure(
            {
              kind: 'rollout-failed',
              ...about,
              failure: await withOutput(verdict, redactorOf(spec), options),
            },
            options,
          );
    if (!committed.ok) log(`${key}: cannot record how its rollout ended: ${committed.error.message}`);
    return committed.ok && committed.value.changed.includes(key);
  };
}

async function recordReload(
  key: AppKey,
  { count, failure }: ReloadVerdict,
  { store, clock, log }: RolloutRecorderOptions,
): Promise<boolean> {
  const committed = await store.commit({ kind: 'reload-ended', key, count, failure, at: clock.now() });
  if (!committed.ok) log(`${key}: cannot record how its reload ended: ${committed.error.message}`);
  return committed.ok && committed.value.changed.includes(key);
}

type FailedFact = Extract<Fact, { kind: 'rollout-failed' }>;

function commitFailure(fact: FailedFact, options: RolloutRecorderOptions): Promise<Result<Commit, Failure>> {
  return options.store.commit(fact, () => rollbackMeta(fact, fact.failure, options));
}

/** Facts that come while a commit is under way are the next one. */
class Batch {
  readonly #commits: SharedWork<Result<Commit, Failure>>;
  #waiting: Fact[] = [];

  constructor(commit: (facts: readonly Fact[]) => Promise<Result<Commit, Failure>>, clock: Clock) {
    // Whoever waits here keeps the loop from another app.
    this.#commits = new SharedWork(() => commit(this.#waiting.splice(0)), clock, 0);
  }

  /** Resolves with what came of the commit that the fact was part of. */
  add(fact: Fact): Promise<Result<Commit, Failure>> {
    this.#waiting.push(fact);
    return this.#commits.run();
  }
}
