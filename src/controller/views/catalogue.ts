import type { CatalogueApp } from '../../api/contract/selectors.ts';
import { effectiveInstances } from '../../plan/slots/effective.ts';
import type { Store } from '../../state/store.ts';

/** Every desired app with the ids of its instances: what selectors are resolved against. */
export function catalogue(store: Store): readonly CatalogueApp[] {
  return store.desired().map(({ key, project, spec, override }) => ({
    key,
    project,
    name: spec.name,
    namespace: spec.namespace,
    labels: spec.labels,
    slots: Array.from({ length: effectiveInstances(spec, override) }, (_, slot) => ({
      slot,
      id: store.idOf(key, slot),
    })),
  }));
}
