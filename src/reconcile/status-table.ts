import type { AppKey } from '../lib/app-key.ts';
import type { Cancel } from '../lib/clocks/clock.ts';
import { Listeners } from '../lib/listeners.ts';
import { redactText } from '../spec/secrets/redact.ts';
import type { Hold } from '../plan/model/actions.ts';
import type { AppHealth, Condition } from '../plan/model/health.ts';

/** What is published about one app. */
export interface PublishedStatus {
  readonly health: AppHealth;
  /** The same without what triggers report: what planning found out. */
  readonly assessed: AppHealth;
  readonly holds: readonly Hold[];
  /** The generation that the loop has converged to; 0: none yet. */
  readonly observedGeneration: number;
  /** The generation that the health is about. */
  readonly assessedGeneration: number;
  /** Epoch milliseconds at which each condition got its present status. */
  readonly conditionSince: Readonly<Partial<Record<Condition['type'], number>>>;
}

export interface StatusUpdate {
  readonly health: AppHealth;
  readonly holds: readonly Hold[];
  readonly generation: number;
  readonly now: number;
}

/** What the loop last found out about every app, for the API and for dependents. Rebuilt at start, never stored. */
export class StatusTable {
  readonly #statuses = new Map<AppKey, PublishedStatus>();
  /** Conditions that triggers report about an app. */
  readonly #reported = new Map<AppKey, readonly Condition[]>();
  readonly #listeners: Listeners<AppKey>;

  /** `onError` gets what a subscriber throws. */
  constructor(onError: (error: unknown) => void) {
    this.#listeners = new Listeners(onError);
  }

  get(key: AppKey): PublishedStatus | undefined {
    return this.#statuses.get(key);
  }

  health(key: AppKey): AppHealth | undefined {
    return this.#statuses.get(key)?.health;
  }

  /** Every app with a published status, also one that is no longer desired and has not ended yet. */
  keys(): IterableIterator<AppKey> {
    return this.#statuses.keys();
  }

  publish(key: AppKey, assessed: StatusUpdate): void {
    const before = this.#statuses.get(key);
    const conditions = [...assessed.health.conditions, ...(this.#reported.get(key) ?? [])];
    const update = { ...assessed, health: { ...assessed.health, conditions } };
    const converged = update.health.converged;
    this.#statuses.set(key, {
      health: update.health,
      assessed: assessed.health,
      holds: update.holds,
      observedGeneration: converged ? update.generation : (before?.observedGeneration ?? 0),
      assessedGeneration: update.generation,
      conditionSince: since(before, update),
    });
    this.#listeners.tell(key);
  }

  /**
   * Adds a condition to what planning finds out, until it is withdrawn with null. Shown with the next health on the
   * app, so the app is to be looked at again afterwards. False when nothing changes by it.
   */
  report(key: AppKey, type: Condition['type'], given: Condition | null): boolean {
    // The message may quote what a program or the system said.
    const condition = given === null ? null : { ...given, message: redactText(given.message) };
    const before = this.#reported.get(key) ?? [];
    const same = before.find((other) => other.type === type);
    if (same?.status === condition?.status && same?.message === condition?.message) return false;
    const others = before.filter((other) => other.type !== type);
    const after = condition === null ? others : [...others, condition];
    if (after.length === 0) this.#reported.delete(key);
    else this.#reported.set(key, after);
    return true;
  }

  /** Shows at once what has been reported, as nothing else about the app has changed. */
  refresh(key: AppKey, now: number): void {
    const before = this.#statuses.get(key);
    if (before === undefined) return;
    const { assessed: health, holds, assessedGeneration: generation } = before;
    this.publish(key, { health, holds, generation, now });
  }

  remove(key: AppKey): void {
    if (this.#statuses.delete(key)) this.#listeners.tell(key);
  }

  /** Calls `listener` after every change until the returned function is called. */
  subscribe(listener: (key: AppKey) => void): Cancel {
    return this.#listeners.add(listener);
  }
}

function since(
  before: PublishedStatus | undefined,
  { health, now }: StatusUpdate,
): PublishedStatus['conditionSince'] {
  const entries = health.conditions.map((condition) => {
    const same = before?.health.conditions.some(
      ({ type, status }) => type === condition.type && status === condition.status,
    );
    return [
      condition.type,
      (same === true ? before?.conditionSince[condition.type] : undefined) ?? now,
    ] as const;
  });
  return Object.fromEntries(entries);
}

/** Whether a change of one app could let a dependent start that has waited. */
export function letsDependentsMove(before: AppHealth, after: AppHealth): boolean {
  return (
    before.health !== after.health ||
    before.readyInstances !== after.readyInstances ||
    before.converged !== after.converged
  );
}
