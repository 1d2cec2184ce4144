import { unreachable } from '../../../lib/unreachable.ts';
import { groupOf, REASONS, type Reason } from '../../../plan/model/reasons.ts';
import type { Change } from '../../../plan/model/plan.ts';
import { formatValue } from '../../../spec/format-value.ts';
import type { ChangeClass, FieldChange } from '../../../spec/types.ts';
import { count } from '../text/quantities.ts';
import { escapeControls } from '../text/text.ts';

/** One change in words. */
export interface ChangeText {
  /** What makes it necessary: the field that forces it, or the instances that come and go. */
  readonly detail: string;
  /** What it costs; empty where the detail says so. */
  readonly cost: string;
  /** Fields that change beside the one in `detail`. */
  readonly further: readonly string[];
}

/** `absence` says where a removed app is missing: `not in ecosystem.yaml any more`. */
export function describeChange(change: Change, absence: string): ChangeText {
  const { kind, touches, movedFrom } = change;
  const [forcing, ...others] = forcingFirst(change).map(describeField);
  const fields = forcing === undefined ? [] : [forcing, ...others];
  switch (kind) {
    case 'create':
      return { detail: createdInstances(change), cost: '', further: [] };
    case 'remove':
      return {
        detail: `${instancesThatGo(change)} (${removalWords(change, absence)})`,
        cost: '',
        further: [],
      };
    case 'scale':
      return { detail: (forcing ?? '') + resetNote(change), cost: scaleCost(change), further: others };
    case 'live':
      return {
        detail: forcing ?? (movedFrom === undefined ? runWords(change) : `moved from ${movedFrom}`),
        cost: liveCost(touches),
        further: others,
      };
    case 'roll':
      return { detail: forcing ?? REASONS[change.reason], cost: replacementCost(change), further: others };
    case 'restart':
      return { detail: REASONS[change.reason], cost: replacementCost(change), further: fields };
    case 'run':
      return { detail: 'release', cost: processes(touches), further: fields };
    case 'reload':
      return {
        detail: change.reload?.detail ?? REASONS[change.reason],
        cost: reloadCost(change),
        further: fields,
      };
    case 'start':
    case 'stop':
    case 'unchanged':
      return { detail: runWords(change), cost: processes(touches), further: fields };
    default:
      return unreachable(kind);
  }
}

/** Which class of field forces a change of this kind, and so comes first. */
function forcingClass({ kind }: Change): ChangeClass {
  if (kind === 'scale') return 'scale';
  return kind === 'live' ? 'live' : 'template';
}

function forcingFirst(change: Change): readonly FieldChange[] {
  const forcing = forcingClass(change);
  const isForcing = (field: FieldChange): boolean => field.class === forcing;
  return [...change.fields.filter(isForcing), ...change.fields.filter((field) => !isForcing(field))];
}

/** `max_memory_restart: 200M → 300M`. Two secrets that differ look alike, so it is said that they do. */
export function describeField({ path, before, after, redacted, note }: FieldChange): string {
  // The running code and the code on disk are names, not values of the file.
  const isNamed = path === 'code' && typeof before === 'string' && typeof after === 'string';
  // A value that is in no declaration: what has become of it is all that is known.
  if (redacted && before === undefined && after === undefined && note !== undefined) {
    return escapeControls(`${path} ${note}`, false);
  }
  const [from, to] = isNamed ? [before, after] : [formatValue(path, before), formatValue(path, after)];
  const values = redacted && from === to ? `${from} (changed)` : `${from} → ${to}`;
  const more = note === undefined ? '' : ` (${note})`;
  return escapeControls(`${path}: ${values}${more}`, false);
}

function createdInstances({ instancesAfter, touches }: Change): string {
  const instances = count(instancesAfter, 'instance');
  if (touches === instancesAfter) return instances;
  return touches === 0 ? `${instances}, none to be started` : `${instances}, ${touches} to be started`;
}

function instancesThatGo({ instancesBefore, touches }: Change): string {
  const instances = count(instancesBefore, 'instance');
  if (touches === instancesBefore) return instances;
  return touches === 0 ? `${instances}, none running` : `${instances}, ${touches} running`;
}

function removalWords({ reason }: Change, absence: string): string {
  if (reason === 'Deleted') return 'deleted';
  if (reason === 'Unmanaged') return REASONS.Unmanaged;
  return absence;
}

/** Whether a reason says nothing but that no process is there. */
function isNotRunning(reason: Reason): boolean {
  if (reason === 'NotRunning' || groupOf(reason) === 'delay') return true;
  return groupOf(reason) === 'exit' && reason !== 'StartFailed';
}

/** A plan speaks of what will happen, the reason of what has happened. */
function runWords({ kind, reason }: Change): string {
  if (kind === 'start' && isNotRunning(reason)) return '(not running)';
  if (reason !== 'OverrideReset') return REASONS[reason];
  return kind === 'start' ? 'was stopped by hand' : 'was started by hand, and is left running';
}

function resetNote({ reason }: Change): string {
  return reason === 'OverrideReset' ? ' (was scaled by hand)' : '';
}

function scaleCost({ instancesBefore, instancesAfter, touches }: Change): string {
  return touches === Math.abs(instancesAfter - instancesBefore) ? 'no restart' : processes(touches);
}

function liveCost(touches: number): string {
  return touches === 0 ? 'no restart' : processes(touches);
}

/** `4 processes, 1 at a time, start first`; a gap in service is named, because it matters most. */
function replacementCost({ touches, rollout }: Change): string {
  // Nothing runs, or this version runs already: a rollback can come before the new version has replaced anything.
  if (touches === 0) return 'no restart';
  const several = touches > 1;
  // An older daemon, without bounds, replaces one after the other and does not say so.
  if (rollout === undefined) return several ? `${processes(touches)}, 1 at a time` : processes(1);
  const { order, atOnce, gap, now } = rollout;
  if (now === true) return `${processes(touches)}, all at once (restart --now)`;
  const pace = atOnce >= touches ? 'all at once' : `${atOnce} at a time`;
  const words = [
    processes(touches),
    ...(several ? [pace] : []),
    order === 'start-first' ? 'start first' : 'stop first',
  ];
  return words.join(', ') + (gap ? ' (a gap)' : '');
}

/** `no restart, HUP to 2 processes` */
function reloadCost({ reload }: Change): string {
  return reload === undefined ? 'no restart' : `no restart, ${reloadWords(reload)}`;
}

/** `HUP to 2 processes`, `nginx -s reload for 1 process` */
export function reloadWords({ processes: amount, how }: NonNullable<Change['reload']>): string {
  return `${escapeControls(how, false)} ${/^[A-Z0-9+]+$/.test(how) ? 'to' : 'for'} ${processes(amount)}`;
}

function processes(amount: number): string {
  return count(amount, 'process', 'processes');
}
