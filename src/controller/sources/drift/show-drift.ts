import { appKey, type AppKey } from '../../../lib/app-key.ts';
import { groupBy } from '../../../lib/collections.ts';
import { untilText } from '../../../plan/model/override-end.ts';
import { isHealed, type Drift } from '../../../sources/model/drift.ts';
import type { SourceSpec } from '../../../sources/model/source.ts';
import type { SourcesContext } from '../context.ts';

/** Shows at its apps what people have declared otherwise than their source. Overrides are shown there anyhow. */
export class ShownDrift {
  readonly #context: Pick<SourcesContext, 'store' | 'showCondition'>;
  #shown: ReadonlySet<AppKey> = new Set();

  constructor(context: Pick<SourcesContext, 'store' | 'showCondition'>) {
    this.#context = context;
  }

  show(drifts: readonly Drift[], spec: Pick<SourceSpec, 'name' | 'selfHeal'>): void {
    if (drifts.length === 0 && this.#shown.size === 0) return;
    const { store, showCondition } = this.#context;
    const drifted = groupBy(
      drifts.flatMap((drift) => {
        if (drift.kind === 'overridden') return [];
        const names =
          drift.app === null ? Object.keys(store.project(drift.project)?.apps ?? {}) : [drift.app];
        return names.map((name) => ({ key: appKey(drift.project, name), drift }));
      }),
      ({ key }) => key,
    );
    for (const key of new Set([...this.#shown, ...drifted.keys()])) {
      const mine = (drifted.get(key) ?? []).map(({ drift }) => drift);
      const message = mine.map((drift) => textOf(drift, spec)).join('; ');
      showCondition(
        key,
        'AsDeclared',
        mine.length === 0 ? null : { type: 'AsDeclared', status: 'False', reason: 'SourceDrifted', message },
      );
    }
    this.#shown = new Set(drifted.keys());
  }
}

function textOf(drift: Drift, spec: Pick<SourceSpec, 'name' | 'selfHeal'>): string {
  const { what, by, until } = drift;
  return `${what} by ${by}${untilText(until)}, and source ${spec.name} declares it otherwise; ${wayOut(drift, spec)}`;
}

/** What becomes of it, or ends it. */
export function wayOut(drift: Drift, { name, selfHeal }: Pick<SourceSpec, 'name' | 'selfHeal'>): string {
  const { until, otherSource } = drift;
  if (until !== null) return 'it ends by itself';
  if (otherSource !== undefined) return `declare the project in one of ${name} and ${otherSource}`;
  if (selfHeal === true && isHealed(drift)) return 'it is taken back by itself';
  const flag = drift.kind === 'taken-over' ? ' --take-over' : '';
  return `stateward source sync ${name}${flag} takes it back`;
}
