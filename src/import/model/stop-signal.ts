import { signalNamed } from '../../lib/signals.ts';
import type { AppBuilder } from './build-app.ts';

/** What the tools that are imported send when a file names no signal. */
export const USUAL_STOP_SIGNAL = 'SIGTERM';

/** The signal that ends an app, as `key` of another tool's file names it. */
export function stopSignal(app: AppBuilder, key: string, value: string): void {
  const name = signalNamed(value);
  if (name === undefined) app.unmapped(key, value);
  else app.set('stop_signal', name);
}

/** To be called when the whole file has been read: what it does not say. */
export function usualStopSignal(app: AppBuilder): void {
  if (app.get('stop_signal') === undefined) app.set('stop_signal', USUAL_STOP_SIGNAL);
}
