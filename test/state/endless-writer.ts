import { systemClock } from '../../src/lib/clock.ts';
import { openStore } from '../../src/state/store.ts';
import { accepted, appSpec } from './specs.ts';

/**
 * A program for the crash test: commits for ever and says on standard output what was acknowledged, one line
 * `<generation> <seq of the newest event>` each.
 */
async function main(dir: string): Promise<void> {
  const opened = await openStore({ dir, clock: systemClock, maxEventBytes: 20_000, coalesceMs: 1 });
  if (!opened.ok) throw new Error(opened.error.message);
  const store = opened.value;
  if (store.notices.length > 0) throw new Error(store.notices.join('; '));
  await store.commit(accepted('shop', [appSpec({ name: 'api', env: { PADDING: 'x'.repeat(50_000) } })]));
  for (let n = 1; ; n++) {
    await store.commit({ kind: 'restart-requested', key: 'shop/api' });
    store.recordHistory('shop/api', []);
    if (n % 5 === 0) {
      await store.commit(
        accepted('shop', [appSpec({ name: 'api', kill_timeout: n, args: [String(Date.now())] })]),
      );
    }
    const { seq } = store.appendEvent({
      at: n,
      level: 'info',
      reason: 'Started',
      message: 'committed',
      key: 'shop/api',
      slot: null,
      pid: process.pid,
      generation: null,
    });
    process.stdout.write(`${store.desired()[0]?.generation ?? 0} ${seq}\n`);
  }
}

void main(process.argv[2] ?? '');
