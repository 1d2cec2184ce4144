import { assess } from '../../api/contract/progress/assess.ts';
import { readyText } from '../../api/contract/progress/amounts.ts';
import { waiting } from '../../api/contract/progress/progress.ts';
import type { Progress } from '../../api/contract/progress/progress.ts';
import type { WaitTarget } from '../../api/contract/wire/apply.ts';
import type { App } from '../../api/contract/wire/apps.ts';
import { appKey } from '../../lib/app-key.ts';
import { count } from '../views/text/quantities.ts';

/** What `wait` can wait for. */
export const WAIT_GOALS = ['ready', 'completed', 'stopped', 'gone'] as const;
export type WaitGoal = (typeof WAIT_GOALS)[number];

/** Where a target stands; `app` undefined: it is not listed; `wasListed`: it has been before. */
export type Assess = (target: WaitTarget, app: App | undefined, wasListed?: boolean) => Progress;

/**
 * How far an app is on the way to each goal. A state that only a person changes ends the wait: an app that somebody has
 * stopped does not become ready by waiting.
 */
export const GOALS: Readonly<Record<WaitGoal, Assess>> = {
  ready: orElse(({ app, status }, text) => {
    const name = appKey(app.project, app.name);
    switch (status.health) {
      case 'Healthy':
        return { state: 'done', text };
      case 'Stopped':
        return failed(`${text}: it does not start by itself; stateward start ${name}`);
      case 'Completed':
        return failed(`${text}: nothing is to run; wait for such an app with --for completed`);
      default:
        return failed(text);
    }
  }),
  completed: orElse(({ app, status }, text) => {
    switch (status.health) {
      case 'Completed':
        return { state: 'done', text };
      case 'Stopped':
        return failed(
          `${text}: it does not start by itself; stateward start ${appKey(app.project, app.name)}`,
        );
      case 'Degraded':
        return failed(`${text}: ${status.why ?? 'its last run has failed'}`);
      default:
        return waiting(`running, ${readyText(app)}`);
    }
  }),
  stopped: (_, app) => {
    if (app === undefined) return { state: 'done', text: 'removed' };
    const { health, desiredInstances } = app.status;
    // Between two crashes no process is there either.
    const isOver = desiredInstances === 0 || health === 'Completed' || health === 'Failed';
    if (isOver && processesOf(app) === 0) return { state: 'done', text: health };
    return waiting(stillThere(app));
  },
  gone: (target, app) => {
    if (app === undefined) return { state: 'done', text: 'gone' };
    const progress = assess({ ...target, gone: true }, app, true);
    return progress.state === 'failed' ? progress : waiting(stillThere(app));
  },
};

/** As after an apply, but for an app that has settled: `settled` says what that is for this goal. */
function orElse(
  settled: (of: { readonly app: App; readonly status: App['status'] }, text: string) => Progress,
): Assess {
  return (target, app, wasListed) => {
    const progress = assess(target, app, wasListed);
    if (progress.state !== 'done' || app === undefined) return progress;
    return settled({ app, status: app.status }, progress.text);
  };
}

function failed(text: string): Progress {
  return { state: 'failed', text, isInVain: true };
}

function processesOf({ status }: App): number {
  return status.instances.filter(({ state }) => state !== 'exited' && state !== 'waiting').length;
}

function stillThere(app: App): string {
  return `${app.status.health}, ${count(processesOf(app), 'process', 'processes')}`;
}
