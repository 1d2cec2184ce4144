import type { Driver } from '../../driver/driver.ts';
import type { Clock } from '../../lib/clocks/clock.ts';
import type { LoopEvent } from '../../reconcile/events.ts';
import { describeRefusal } from '../served/without-runner.ts';

interface Told {
  readonly driver: Pick<Driver, 'subscribe'>;
  readonly store: { appendEvent(event: LoopEvent & { readonly at: number }): void };
  readonly clock: Pick<Clock, 'now'>;
  readonly log: (line: string) => void;
}

const ABOUT_HOST = { key: null, slot: null, pid: null, generation: null } as const;

/** Tells of a runner that has fallen silent, and of one that is back: once, and not for every app. */
export function tellOfSilence({ driver, store, clock, log }: Told): void {
  let isSilent = false;
  driver.subscribe((event) => {
    if (event.kind === 'silent') {
      isSilent = true;
      const { message } = event.failure;
      log(describeRefusal(event.failure));
      store.appendEvent({ ...ABOUT_HOST, at: clock.now(), level: 'error', reason: 'RunnerSilent', message });
    } else if (event.kind === 'connected' && isSilent) {
      isSilent = false;
      const message =
        'the runner answers again; what was asked of it meanwhile and has failed was not carried out';
      log(`runner: ${message}`);
      store.appendEvent({ ...ABOUT_HOST, at: clock.now(), level: 'info', reason: 'RunnerAnswers', message });
    }
  });
}
