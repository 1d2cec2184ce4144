import type { SpecNote } from './normalise-context.ts';
import { isServeReadyBySaying } from '../serve/serve-app.ts';
import type { AppSpec } from '../types.ts';

/** What the schema cannot say of apps that notify. */
export function notifyNotes({ notify, watchdog, daemonize }: AppSpec): SpecNote[] {
  const wrong = (field: string, message: string, hint: string): SpecNote => ({
    level: 'error',
    code: 'CONFIG_BAD_VALUE',
    path: [field],
    message,
    hint,
  });
  return [
    ...(watchdog !== null && !notify
      ? [wrong('watchdog', 'the app has no socket to say on that it is alive', 'add `notify: true`')]
      : []),
    ...(watchdog !== null && watchdog < 100
      ? [
          wrong(
            'watchdog',
            'no program says so often that it is alive',
            'write at least 100ms: watchdog: 10s',
          ),
        ]
      : []),
    ...(notify && daemonize
      ? [
          wrong(
            'notify',
            'a program that goes into the background is ready when it has, and says so by its pid file',
            'leave out `daemonize`, and run it in the foreground',
          ),
        ]
      : []),
  ];
}

/** Whether an instance says itself that it is ready, where the file does not say `wait_ready`. */
export function saysReady(spec: AppSpec): boolean {
  return spec.notify || isServeReadyBySaying(spec);
}
