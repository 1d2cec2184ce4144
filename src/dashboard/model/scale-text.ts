import type { App } from '../../api/contract/wire/apps.ts';
import { count } from '../../cli/views/text/quantities.ts';

/** What another number of instances does to an app. */
export function scaleText({ status }: Pick<App, 'status'>, to: number): string {
  const { desiredInstances: from } = status;
  if (to > from) return `Starts ${count(to - from, 'process', 'processes')}; those that run are not touched.`;
  if (to === 0)
    return `Stops ${from === 1 ? 'the one process' : `all ${from} processes`}: nothing of it runs then.`;
  // The highest slots go first.
  const slots = Array.from({ length: from - to }, (_, index) => to + index);
  const which = slots.length === 1 ? `instance ${to}` : `instances ${to} to ${from - 1}`;
  return `Stops ${which}; ${to === 1 ? 'the other one is' : `the other ${to} are`} not touched.`;
}
