import { OFFERS, type OffersRequest } from '../../agent/protocol.ts';
import type { Driver } from '../../driver/driver.ts';

/** Has the agents say again what their apps have offered; what cannot be asked now has offered nothing that is known. */
export function askForOffers(driver: Pick<Driver, 'instances' | 'send'>): void {
  const request: OffersRequest = { cmd: OFFERS };
  for (const { nonce, state, connected } of driver.instances()) {
    if (state === 'running' && connected === true) void driver.send(nonce, request);
  }
}
