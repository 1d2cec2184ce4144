import { failpoint } from '../../../lib/failpoints/failpoint.ts';
import { messageOf } from '../../../sources/model/failures.ts';
import type { Applied } from '../../../sources/model/record.ts';
import { settled, told } from '../../../sources/model/transitions.ts';
import { tell } from '../tell.ts';
import { tidy, type Hands } from './hands.ts';
import { outcomeOf } from './outcome.ts';

/**
 * Once the apps of what was accepted last have proven themselves, or one has failed: the smoke test of it, what is known of
 * it, and the command after it. Each from what is durable, so that after a crash it goes on where it was.
 */
export async function conclude(hands: Hands): Promise<void> {
  const { provider, context, record, set, isOver } = hands;
  const { applied } = record();
  if (applied?.afterIsDue === true) await runAfter(hands, applied);
  if (applied?.outcome !== 'pending') return;
  const found = outcomeOf(applied, context);
  if (found.state === 'pending') return;
  const smoke = found.state === 'good' ? await provider.hook('smoke', applied.id) : null;
  if (isOver()) return;
  failpoint('source.smoked');
  const { state, message, ...more } =
    smoke === null
      ? { state: found.state, message: found.message }
      : { state: 'failed' as const, message: messageOf([smoke]), takeBack: true as const };
  await set((at) => settled(at, { state, message, ...more }, context.clock.now()));
  if (state === 'failed') tell(context, record(), 'SourceQuarantined', message ?? 'an app has failed');
  if (state === 'good') tell(context, record(), 'SourceHealthy', 'every app has proven itself');
  failpoint('source.settled');
  await tidy(hands);
  if (state === 'good') await runAfter(hands, applied);
}

/** It is kept that the command is due until it has ended. */
async function runAfter({ provider, context, record, set, isOver }: Hands, { id }: Applied): Promise<void> {
  const failure = await provider.hook('after_apply', id);
  if (isOver()) return;
  failpoint('source.told');
  await set(told);
  if (failure !== null) tell(context, record(), 'SourceHookFailed', messageOf([failure]));
}
