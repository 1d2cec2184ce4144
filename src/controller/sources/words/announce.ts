import type { Step } from '../../../sources/decide/step.ts';
import { announced } from '../../../sources/model/words.ts';
import { shortCommit } from '../../../lib/commit-hash.ts';
import { tell } from '../tell.ts';
import type { Hands } from '../work/hands.ts';

/** Tells the hosts that wait for this one what has become of a version here, and takes note of it. */
export async function announce(
  { provider, context, record, set, isOver }: Hands,
  { version, word }: Extract<Step, { kind: 'announce' }>,
): Promise<void> {
  const { host, clock } = context;
  const failure = await provider.announce(version, { ...word, host: host.name });
  if (isOver()) return;
  const before = record().told?.trouble;
  await set((at) => announced(at, { version, result: word.result }, failure, clock.now()));
  const what = `${shortCommit(version)} ${word.result === 'good' ? 'is good here' : 'has failed here'}`;
  if (failure === null) tell(context, record(), 'SourceTold', what);
  else if (before?.failure.message !== failure.message)
    tell(context, record(), 'SourceUntold', `${what}: ${failure.message}`);
}
