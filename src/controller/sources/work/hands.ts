import type { SourceRecord } from '../../../sources/model/record.ts';
import type { SourcesContext } from '../context.ts';
import type { Provider } from './provider.ts';

/** What one source is worked on with. */
export interface Hands {
  readonly provider: Provider;
  readonly context: SourcesContext;
  /** As it is now. */
  readonly record: () => SourceRecord;
  readonly set: (change: (record: SourceRecord) => SourceRecord) => Promise<void>;
  /** The source was removed or declared otherwise meanwhile, or the daemon ends: nothing more is done for it. */
  readonly isOver: () => boolean;
}
