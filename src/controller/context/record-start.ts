import type { ControllerContext } from './context.ts';

/** Records that the controller has started, and what was put right before. */
export function recordStart({ store, clock, version }: ControllerContext, mended: readonly string[]): void {
  const base = { at: clock.now(), key: null, slot: null, pid: process.pid, generation: null };
  for (const message of store.notices) {
    store.appendEvent({ ...base, level: 'warning', reason: 'StateRepaired', message });
  }
  for (const message of mended) {
    store.appendEvent({ ...base, level: 'warning', reason: 'HomeClosed', message });
  }
  const message = `controller ${version} started (pid ${process.pid})`;
  store.appendEvent({ ...base, level: 'info', reason: 'ControllerStarted', message });
}
