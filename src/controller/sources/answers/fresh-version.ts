import type { Failure } from '../../../lib/failure.ts';
import { formatSpan } from '../../../lib/units.ts';
import type { Version } from '../../../sources/model/record.ts';
import type { SourcesContext } from '../context.ts';
import type { SourceWorker } from '../work/worker.ts';
import { elsewhere } from '../work/surroundings.ts';

/** A person waits for it. */
const LIMIT_MS = 30_000;

export interface FreshVersion {
  /** The newest version; null: none was ever seen. */
  readonly head: Version | null;
  /** It was looked for just now. */
  readonly fetched: boolean;
  /** Why it was not. */
  readonly problem?: Failure;
}

/**
 * The newest version of a source, looked for now, within bounds. What is found is not taken note of: it would be applied
 * where that is declared.
 */
export async function freshVersion(
  { record, provider }: Pick<SourceWorker, 'record' | 'provider'>,
  { clock, host }: Pick<SourcesContext, 'clock' | 'host'>,
): Promise<FreshVersion> {
  const { head, spec, suspended } = record;
  const { name } = spec;
  const notLooked = (message: string, hint: string): FreshVersion => ({
    ...{ head, fetched: false },
    problem: {
      code: 'CONFLICT',
      message: `${message}: what is shown is of the newest version that was seen`,
      hint,
    },
  });
  if (suspended !== null) {
    const hint = `stateward source resume ${name} ends that`;
    return notLooked(`source ${name} is suspended by ${suspended.by}, and not looked at`, hint);
  }
  if (elsewhere(spec, host).elsewhere !== undefined)
    return notLooked(
      `source ${name} is not for this host, and not looked at`,
      'plan on a host that it is for',
    );
  const limit = new AbortController();
  const cancel = clock.after(LIMIT_MS, () => limit.abort());
  try {
    const found = await provider.look(record, clock.now(), limit.signal);
    if (found.kind === 'version') return { head: found.version, fetched: true };
    // What a file holds that is written to is read as it is.
    if (found.kind === 'changing') return { head: head ?? { id: '', at: clock.now() }, fetched: true };
    const { failure } = found;
    const problem = limit.signal.aborted
      ? { ...failure, message: `source ${name} could not be looked at within ${formatSpan(LIMIT_MS)}` }
      : failure;
    return { head, fetched: false, problem };
  } finally {
    cancel();
  }
}
