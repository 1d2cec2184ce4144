import type { HostDriver } from '../../driver/driver.ts';
import { runMode } from '../../plan/slots/effective.ts';
import type { Store } from '../../state/store.ts';

interface Parts {
  readonly driver: Pick<HostDriver, 'keepSockets' | 'subscribe' | 'reachable'>;
  readonly store: Pick<Store, 'desired' | 'onCommit'>;
}

/**
 * Tells the runner which apps are to have sockets, whether they have a process or not: all that are declared and not
 * stopped. Told again when that changes, and to each runner anew. Resolves when one that is there has been told.
 */
export async function keepSockets({ driver, store }: Parts): Promise<void> {
  let told = '';
  const tell = async (): Promise<void> => {
    const apps = store
      .desired()
      .filter(({ spec, override }) => spec.sockets.length > 0 && runMode(spec, override) !== 'stopped');
    const text = JSON.stringify(apps.map(({ key, spec }) => [key, spec.sockets, spec.uid, spec.gid]));
    if (text === told || !driver.reachable) return;
    told = text;
    const done = await driver.keepSockets(apps);
    // One that is too old holds none.
    if (!done.ok && done.error.code !== 'unsupported' && told === text) told = '';
  };
  store.onCommit(() => void tell());
  driver.subscribe((event) => {
    if (event.kind === 'disconnected') told = '';
    if (event.kind === 'connected') {
      told = '';
      void tell();
    }
  });
  await tell();
}
