import { errorMessage } from '../../../lib/system-error.ts';
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

/** Removes what is of no use any more, after each version. What cannot be removed is tried again after the next one. */
export async function tidy({ provider, context, record }: Hands): Promise<void> {
  try {
    await provider.tidy(record());
  } catch (error) {
    context.log(`source ${record().spec.name}: cannot remove old releases: ${errorMessage(error)}`);
  }
}
