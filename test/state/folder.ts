import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { onTestFinished } from 'vitest';
import { systemClock } from '../../src/lib/clocks/clock.ts';
import { openStore, type StoreOptions } from '../../src/state/open-store.ts';
import { USUAL_RETENTION } from '../../src/state/model/retention.ts';
import type { Store } from '../../src/state/store.ts';

/** A folder of its own for the running test, removed afterwards. */
export function temporaryFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'stateward-test-'));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

/** A store that is there; a failure to open fails the test. Closed when the test ends. */
export async function openedStore(dir: string, options: Partial<StoreOptions> = {}): Promise<Store> {
  const store = await openStore({ dir, clock: systemClock, ...options });
  if (!store.ok) throw new Error(store.error.message);
  onTestFinished(async () => {
    await store.value.close();
  });
  return store.value;
}

/** Event files that are rotated at this size. */
export function eventFiles(eventFileBytes: number): NonNullable<StoreOptions['retention']> {
  return () => ({ ...USUAL_RETENTION, eventFileBytes });
}
