import type { DesiredApp } from '../../../plan/model/desired.ts';
import type { ObservedInstance, SlotHistory } from '../../../plan/model/observed.ts';
import type { PublishedStatus } from '../../../reconcile/status-table.ts';
import type { Revision } from '../../../state/model/types.ts';

export interface WhyInput {
  readonly app: DesiredApp;
  readonly status: PublishedStatus | undefined;
  readonly instances: readonly ObservedInstance[];
  readonly history: readonly SlotHistory[];
  /** When its schedule comes due next, epoch milliseconds; null: it has none, or is stopped. */
  readonly nextRun: number | null;
  /** The revision that declared the app as it is; undefined: not kept any more. */
  readonly revision: Pick<Revision, 'by' | 'command' | 'commit' | 'at'> | undefined;
}
