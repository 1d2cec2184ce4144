import { shortCommit } from '../../../lib/commit-hash.ts';
import { formatSpan } from '../../../lib/units.ts';
import { sameValue } from '../../../lib/values/same-value.ts';
import type { HostWord } from '../../../sources/model/host-word.ts';
import type { Heard, Version } from '../../../sources/model/record.ts';
import type { WaitForSpec } from '../../../sources/model/source.ts';
import { hears } from '../../../sources/model/words.ts';
import { tell } from '../tell.ts';
import type { Hands } from '../work/hands.ts';

/** Takes note of what the host that goes first says of the newest version, and tells when that is something new. */
export async function hear(
  { context, record, set }: Pick<Hands, 'context' | 'record' | 'set'>,
  {
    version,
    word,
    waitFor,
  }: { readonly version: Version; readonly word: HostWord | null; readonly waitFor: WaitForSpec },
): Promise<void> {
  const { applied, heard: before } = record();
  const { host, timeoutMs } = waitFor;
  const isLate = word === null && context.clock.now() >= version.at + timeoutMs;
  const heard: Heard = { version: version.id, word, ...(isLate && { late: true as const }) };
  if (sameValue(before, heard) || (word === null && applied?.id === version.id)) return;
  await set((at) => hears(at, heard));
  const what = shortCommit(version.id);
  const text =
    word === null
      ? isLate
        ? `${host} has said nothing of ${what} for ${formatSpan(timeoutMs)}`
        : `${what} waits for ${host}`
      : `${host} says that ${what} ${word.result === 'good' ? 'is good' : `has failed: ${word.message ?? ''}`}`;
  tell(context, record(), 'SourceHeard', text, isLate || word?.result === 'failed' ? 'warning' : 'info');
}
