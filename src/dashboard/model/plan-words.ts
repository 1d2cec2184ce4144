import type { Change } from '../../plan/model/plan.ts';
import { count } from '../../cli/views/text/quantities.ts';

/** What a change costs: `4 processes, 1 at a time, start first`; a gap in service is named, because it matters most. */
export function costOf({ touches, rollout, reload }: Change): string {
  if (reload !== undefined) return `no restart, ${reload.how} for ${processes(reload.processes)}`;
  if (touches === 0) return 'no restart';
  if (rollout === undefined) return processes(touches);
  const { order, atOnce, gap, now } = rollout;
  if (now === true) return `${processes(touches)}, all at once`;
  const pace = touches === 1 ? '' : atOnce >= touches ? ', all at once' : `, ${atOnce} at a time`;
  const words = `${processes(touches)}${pace}, ${order === 'start-first' ? 'start first' : 'stop first'}`;
  return gap ? `${words} (a gap)` : words;
}

/** What happens to the instances of an app of which no field changes. */
export function instancesText({ kind, instancesBefore, instancesAfter, movedFrom, reload }: Change): string {
  if (movedFrom !== undefined) return `moved from ${movedFrom}`;
  if (reload !== undefined) return reload.detail;
  if (kind === 'create') return count(instancesAfter, 'instance');
  if (kind === 'remove') return `${count(instancesBefore, 'instance')}, not declared any more`;
  return '';
}

function processes(amount: number): string {
  return count(amount, 'process', 'processes');
}
