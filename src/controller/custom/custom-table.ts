import type { CustomFields, CustomMetric } from '../../api/contract/wire/custom/custom.ts';
import type { Said, OfferedAction } from './said.ts';

/** What one process may report and offer; what is more is left out, and said. */
export const MOST_METRICS = 100;
export const MOST_ACTIONS = 64;

/** What was left out of what a process has said. */
export interface LeftOut {
  /** Metrics beyond those that are kept. */
  readonly metrics: number;
  /** Metrics whose name is too long, or whose value is no number, text or truth value. */
  readonly bad: number;
  readonly actions: number;
}

interface Known {
  metrics: Map<string, CustomMetric>;
  readonly actions: Map<string, OfferedAction>;
  leftOut: LeftOut;
}

const NONE: LeftOut = { metrics: 0, bad: 0, actions: 0 };

/** What each process reports of itself and offers to do, by its nonce, as long as it lives. */
export class CustomTable {
  readonly #known = new Map<string, Known>();

  /** As the API shows it. */
  fieldsOf(nonce: string): CustomFields {
    const known = this.#known.get(nonce);
    if (known === undefined) return {};
    const { metrics, actions } = known;
    return {
      ...(metrics.size > 0 && { metrics: [...metrics.values()] }),
      ...(actions.size > 0 && { actions: [...actions.values()].map(({ kind: _, ...shown }) => shown) }),
    };
  }

  action(nonce: string, name: string): OfferedAction | undefined {
    return this.#known.get(nonce)?.actions.get(name);
  }

  leftOutOf(nonce: string): LeftOut {
    return this.#known.get(nonce)?.leftOut ?? NONE;
  }

  /** Takes what a process has said; whether something else was left out of it than before. */
  take(nonce: string, said: Extract<Said, { kind: 'metrics' | 'action' }>): boolean {
    const known = this.#of(nonce);
    const before = known.leftOut;
    if (said.kind === 'action') offer(known, said.action);
    else report(known, said);
    const { metrics, bad, actions } = known.leftOut;
    return metrics !== before.metrics || bad !== before.bad || actions !== before.actions;
  }

  /** It has ended. False: nothing was known of it. */
  forget(nonce: string): boolean {
    return this.#known.delete(nonce);
  }

  #of(nonce: string): Known {
    const known = this.#known.get(nonce) ?? { metrics: new Map(), actions: new Map(), leftOut: NONE };
    this.#known.set(nonce, known);
    return known;
  }
}

function report(known: Known, { metrics, gone, bad, complete }: Extract<Said, { kind: 'metrics' }>): void {
  const kept = complete ? new Map<string, CustomMetric>() : known.metrics;
  let more = 0;
  for (const metric of metrics) {
    if (kept.has(metric.name) || kept.size < MOST_METRICS) kept.set(metric.name, metric);
    else more += 1;
  }
  for (const name of gone) kept.delete(name);
  known.metrics = kept;
  // The most that one message had too much: who says its metrics one by one says too much once for each.
  const { leftOut } = known;
  known.leftOut = {
    ...leftOut,
    metrics: complete ? more : Math.max(more, kept.size < MOST_METRICS ? 0 : leftOut.metrics),
    bad: complete ? bad : Math.max(bad, leftOut.bad),
  };
}

function offer(known: Known, action: OfferedAction): void {
  const { actions, leftOut } = known;
  if (actions.has(action.name) || actions.size < MOST_ACTIONS) actions.set(action.name, action);
  else known.leftOut = { ...leftOut, actions: leftOut.actions + 1 };
}
