import type { AppKey } from '../../lib/app-key.ts';
import type { Cancel } from '../../lib/clocks/clock.ts';
import type { Driver, HookOrder } from '../../driver/driver.ts';
import { isGoingOn } from '../../plan/hooks/hook-runs.ts';

/** Hooks of all apps together that run at once: a host on which everything fails has other things to do. */
const AT_ONCE = 8;

/** Runs hooks one after the other. */
export interface FailureQueue {
  /** Runs a hook when it is its turn. One of the same app that still waits for its turn is told no more: this is newer. */
  add(order: HookOrder): void;
  readonly close: Cancel;
}

/**
 * At most one hook of an app runs at a time, and eight of all. For each app the newest waits; apps come in the order in
 * which they began to wait.
 */
export function failureQueue(
  driver: Pick<Driver, 'startHook' | 'hooksOf' | 'subscribe'>,
  onRefused: (key: AppKey, message: string) => void,
): FailureQueue {
  const waiting = new Map<AppKey, HookOrder>();
  /** The nonce of the hook that runs. */
  const running = new Map<AppKey, string>();
  /** Those that are being started: they are not on the table yet. */
  const starting = new Set<string>();

  const hasEnded = (key: AppKey, nonce: string): boolean =>
    !starting.has(nonce) && !driver.hooksOf(key).some((hook) => hook.nonce === nonce && isGoingOn(hook));

  const next = (): void => {
    for (const [key, nonce] of running) if (hasEnded(key, nonce)) running.delete(key);
    for (const [key, order] of waiting) {
      if (running.size >= AT_ONCE) return;
      if (!running.has(key)) begin(order);
    }
  };

  const begin = (order: HookOrder): void => {
    const { nonce, app } = order;
    waiting.delete(app.key);
    running.set(app.key, nonce);
    starting.add(nonce);
    void driver.startHook(order).then((started) => {
      starting.delete(nonce);
      if (!started.ok) onRefused(app.key, started.error.message);
      next();
    });
  };

  const close = driver.subscribe(({ kind }) => {
    if (kind === 'hook' || kind === 'connected') next();
  });
  return {
    add(order) {
      waiting.set(order.app.key, order);
      next();
    },
    close,
  };
}
