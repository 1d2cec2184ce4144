import { appOf, processOf, type Instance } from '../instances/instance.ts';
import type { RunnerEvent } from '../protocol/messages.ts';

/** What a person should know of an instance that was taken over. */
export function adoptionNotices(instance: Instance): readonly Extract<RunnerEvent, { event: 'notice' }>[] {
  const { nonce, phase, byMark, labels } = instance;
  const pid = processOf(instance)?.identity.pid;
  if (phase.state === 'unverified') {
    const message = `process ${pid} may be ${nonce}, but cannot be proven to be`;
    return [{ event: 'notice', nonce, code: 'unverified', message }];
  }
  if (!byMark || pid === undefined) return [];
  const place = `slot ${labels.slot} of ${appOf(instance)}`;
  const message = `the ledger of the runner did not know process ${pid}: taken over as ${place} by the mark that it carries`;
  return [{ event: 'notice', nonce, code: 'found-by-mark', message }];
}
