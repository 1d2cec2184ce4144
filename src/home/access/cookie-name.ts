import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { hostname } from 'node:os';
import type { HomeLayout } from '../layout.ts';

/**
 * What the cookie of a listener is called. Browsers share cookies between the ports of a host, and two daemons can be reached
 * under one name and port, by tunnels: so each home has a name of its own. `part`: of one of several listeners of a home.
 */
export function homeCookie({ home, secretKey }: Pick<HomeLayout, 'home' | 'secretKey'>, part = ''): string {
  const hash = createHash('sha256').update(JSON.stringify(['cookie', hostname(), home, part]));
  try {
    // Hosts and homes have the same names more often than one thinks; a hash of random bytes says nothing of them.
    hash.update(readFileSync(secretKey));
  } catch {
    // One that is not there is made by the next daemon.
  }
  return `stateward_${hash.digest('hex').slice(0, 12)}`;
}
