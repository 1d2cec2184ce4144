import { signalOfHost, type SignalRequest, type SignalResponse } from '../../api/contract/wire/signals.ts';
import type { Failure } from '../../lib/failure.ts';
import type { Result } from '../../lib/result.ts';
import type { ControllerContext } from '../context/context.ts';
import { deliverTo } from './deliveries.ts';

/** POST /v1/signals: to every live process of what the selectors mean. An end that follows is one that nobody asked for. */
export function sendSignal(
  { selectors, signal: asked, tree = false, by }: SignalRequest,
  { store, driver, clock }: Pick<ControllerContext, 'store' | 'driver' | 'clock'>,
): Promise<Result<SignalResponse, Failure>> {
  const signal = signalOfHost(asked) ?? asked;
  return deliverTo(selectors, { store, driver }, async ({ nonce, key, slot, pid, generation }) => {
    // Before the end of a process that dies of it, which may come in the same breath.
    const tell = (): void => {
      store.appendEvent({
        ...{ at: clock.now(), level: 'info', reason: 'SignalSent', message: `${by} sent ${signal}` },
        ...{ key, slot, pid, generation },
      });
    };
    const sent = await driver.signal(nonce, signal, tree, tell);
    return sent.ok ? null : sent.error.message;
  });
}
