import type { Clock } from '../../lib/clocks/clock.ts';
import { splitAppKey, type AppKey } from '../../lib/app-key.ts';
import type { Condition, ConditionType } from '../../plan/model/health.ts';
import type { StatusTable } from '../../reconcile/status-table.ts';
import { redactText } from '../../spec/secrets/redact.ts';
import type { Store } from '../../state/store.ts';
import { endMessage, type ToldBefore } from './told-before.ts';

export interface ShowDriftOptions {
  readonly store: Pick<Store, 'appendEvent'>;
  readonly status: StatusTable;
  readonly clock: Pick<Clock, 'now'>;
  /** What an earlier controller has told of; absent: nothing. */
  readonly toldBefore?: Pick<ToldBefore, 'take'>;
}

/**
 * Shows one kind of drift of apps: a condition of each for as long as it lasts, with an event at its beginning and one at its
 * end. Whoever looks again and finds the same says nothing.
 */
export class DriftShown {
  readonly #options: ShowDriftOptions;
  readonly #type: ConditionType;
  readonly #shown = new Map<AppKey, Condition>();

  constructor(type: ConditionType, options: ShowDriftOptions) {
    this.#type = type;
    this.#options = options;
  }

  get isEmpty(): boolean {
    return this.#shown.size === 0;
  }

  /** Whether it shows something of the app. */
  has(key: AppKey): boolean {
    return this.#shown.has(key);
  }

  /** `found`: all that there is now. `about`: `project`: apps of one project share what is said, and its events. */
  show(found: ReadonlyMap<AppKey, Condition>, about: 'app' | 'project' = 'app'): void {
    const told = new Set<string>();
    for (const key of new Set([...this.#shown.keys(), ...found.keys()])) {
      const [before, now] = [this.#shown.get(key), found.get(key)];
      this.#put(key, now);
      if (before?.reason === now?.reason) continue;
      const whose = about === 'project' ? splitAppKey(key).project : key;
      if (told.has(whose)) continue;
      told.add(whose);
      this.#tell(about === 'project' ? null : key, whose, { before, now });
    }
  }

  #put(key: AppKey, condition: Condition | undefined): void {
    const { status, clock } = this.#options;
    if (condition === undefined) this.#shown.delete(key);
    else this.#shown.set(key, condition);
    if (status.report(key, this.#type, condition ?? null)) status.refresh(key, clock.now());
  }

  #tell(
    key: AppKey | null,
    whose: string,
    { before, now }: { readonly before: Condition | undefined; readonly now: Condition | undefined },
  ): void {
    const { store, clock, toldBefore } = this.#options;
    const about = { at: clock.now(), key, slot: null, pid: null, generation: null };
    const project = key === null ? whose : null;
    if (now !== undefined) {
      const { reason } = now;
      const message = redactText(project === null ? now.message : `${project}: ${now.message}`);
      if (toldBefore?.take({ key, reason, message }) !== true)
        store.appendEvent({ ...about, level: 'warning', reason, message });
    } else if (before !== undefined) {
      const message = endMessage(before.reason, project);
      store.appendEvent({ ...about, level: 'info', reason: 'DriftEnded', message });
    }
  }
}
