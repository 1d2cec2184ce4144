import { failpoint } from '../../../lib/failpoints/failpoint.ts';
import { fetched, unfetched } from '../../../sources/model/looked.ts';
import type { SourceRecord } from '../../../sources/model/record.ts';
import { tell } from '../tell.ts';
import { hear } from '../words/hear.ts';
import type { Edits } from '../work/edits.ts';
import type { Hands } from '../work/hands.ts';
import type { Polled, Times } from '../work/times.ts';

export interface Look {
  readonly times: Times;
  readonly polled: Polled;
  readonly edits: Edits;
  /** What is applied was made otherwise by people: to have it as it is declared is something to do. */
  readonly isDrifted: boolean;
  /** A version is brought in: whoever has asked for it is not answered by a look. */
  readonly isMeanwhile: boolean;
}

/** Looks at a source, and takes note of what was found. */
export async function takeLook(hands: Hands, look: Look): Promise<void> {
  const { provider, context, record, set } = hands;
  const { times, polled, edits, isDrifted, isMeanwhile } = look;
  const { clock } = context;
  times.looking();
  const result = await provider.look(record(), clock.now());
  const now = clock.now();
  if (result.kind === 'changing') {
    times.lookAgain(result.againMs);
    return;
  }
  times.looked(polled, result.kind === 'version');
  const { Fetched: before } = record().stages;
  if (result.kind === 'failed') {
    const { failure } = result;
    const isKnown = before?.status === 'False' && before.reason === failure.code;
    if (!isKnown) tell(context, record(), 'SourceUnreachable', failure.message);
    await set((at) =>
      isMeanwhile ? unanswered(at, (it) => unfetched(it, failure, now)) : unfetched(at, failure, now),
    );
    return;
  }
  if (before?.status === 'False') tell(context, record(), 'SourceReachable', 'it can be looked at again');
  // What is newer does not wait for what the one before has failed of.
  if (result.version.id !== record().head?.id) times.retryNow();
  await edits.look(record(), provider, context);
  const keeps = isMeanwhile || isDrifted;
  await set((at) =>
    keeps ? unanswered(at, (it) => fetched(it, result.version, now)) : fetched(at, result.version, now),
  );
  const { from } = record().spec;
  const waitFor = from.kind === 'git' ? from.waitFor : undefined;
  const { version, word } = result;
  if (waitFor !== undefined && word !== undefined)
    await hear(hands, { version: record().head ?? version, word, waitFor });
  failpoint('source.fetched');
}

/** The change without an answer for whoever has asked. */
function unanswered(record: SourceRecord, change: (record: SourceRecord) => SourceRecord): SourceRecord {
  const { asked } = record;
  return asked === null ? change(record) : { ...change({ ...record, asked: null }), asked };
}
