import type { AppKey } from '../../lib/app-key.ts';
import { REASONS, type Reason } from '../../plan/model/reasons.ts';
import { SIGNS } from '../../plan/explain/drift/signs.ts';
import type { EventRecord } from '../../state/model/types.ts';
import type { Store } from '../../state/store.ts';

type Told = Pick<EventRecord, 'key' | 'reason' | 'message'>;

/** Of so many events at most, the newest, it is known what was told. */
const MOST = 1_000;

/** Drift that an earlier controller has told of, and that has not ended as far as it knew: it is not news to the next one. */
export class ToldBefore {
  #open = new Set<string>();

  async read(store: Pick<Store, 'events'>): Promise<void> {
    const accept = ({ reason }: EventRecord): boolean =>
      reason === 'DriftEnded' || SIGNS[reason] !== undefined;
    this.#open = stillOpen(await store.events({ limit: MOST, accept }));
  }

  /** Whether just this was told; asked again, it is not known any more. */
  take(told: Told): boolean {
    return this.#open.delete(idOf(told));
  }
}

/** Those that no later event ends. Pure. */
export function stillOpen(events: readonly Told[]): Set<string> {
  const open = new Map<string, Told>();
  for (const event of events) {
    if (event.reason !== 'DriftEnded') {
      open.set(idOf(event), event);
      continue;
    }
    for (const [id, told] of open)
      if (event.key === told.key && event.message === endText(told)) open.delete(id);
  }
  return new Set(open.keys());
}

/** How the end of a drift is told; `project`: of which it is told as a whole. */
export function endMessage(reason: Reason, project: string | null): string {
  return `${project === null ? '' : `${project}: `}no more: ${REASONS[reason]}`;
}

function endText({ key, reason, message }: Told): string {
  return endMessage(reason, key === null ? message.slice(0, message.indexOf(': ')) : null);
}

function idOf({ key, reason, message }: { key: AppKey | null; reason: Reason; message: string }): string {
  return `${key ?? ''} ${reason} ${message}`;
}
