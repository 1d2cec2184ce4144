import { groupOf, REASONS } from '../../../plan/model/reasons.ts';
import type { WaitTarget } from '../wire/apply.ts';
import type { App } from '../wire/apps.ts';
import { readyText } from './amounts.ts';
import { isSettled } from './settled.ts';

const BROKEN: readonly App['status']['health'][] = ['Failed', 'CrashLoop'];

/** Why the app does not work and will not recover by itself; null: it may. */
export function whyBroken(app: App): string | null {
  const { status } = app;
  const stuck = stuckCondition(app) ?? unable(app);
  if (stuck !== undefined) return `${status.health}, ${readyText(app)}: ${stuck.message}`;
  const final = status.holds.find(({ isFinal }) => isFinal === true);
  if (final !== undefined) return `${status.health}, ${readyText(app)}: ${final.message}`;
  return BROKEN.includes(status.health) ? `${status.health}${lastExitWords(app)}${takenPort(app)}` : null;
}

function takenPort({ status }: App): string {
  const taken = status.conditions.find(({ type, status: is }) => type === 'PortFree' && is === 'False');
  return taken === undefined ? '' : `; ${taken.message}`;
}

/** The failure of an app that is as asked for but loses its log; null: it does not. */
export function whyLogLost({ generation }: WaitTarget, app: App): string | null {
  const { status } = app;
  const lost = status.problems?.find(({ reason }) => reason === 'LogWriteFailed');
  if (lost === undefined || status.health !== 'Degraded') return null;
  if (!isSettled(generation, { ...status, health: 'Healthy' })) return null;
  return `${status.health}, ${readyText(app)}: ${lost.message}`;
}

/** How the instance that is down has ended, and what holds it back, without saying the same thing twice. */
function lastExitWords({ status }: App): string {
  const { instances, holds } = status;
  const down = instances.find(
    ({ ready, lastExit }) => !ready && lastExit !== null && lastExit.reason !== 'StopCompleted',
  );
  const exit = down?.lastExit ?? null;
  const hold = holds.find(({ slot }) => slot === down?.slot) ?? holds[0];
  const where = down !== undefined && status.desiredInstances > 1 ? `slot ${down.slot} ` : '';
  const ended = exit === null ? '' : endedText(exit);
  if (hold === undefined) return ended === '' ? '' : `: ${where}${ended}`;
  if (ended === '' || hold.message.startsWith(ended)) return `: ${where}${hold.message}`;
  return `: ${where}${ended} (${hold.message})`;
}

type LastExit = NonNullable<App['status']['instances'][number]['lastExit']>;

function endedText({ error, signal, code, reason, note }: LastExit): string {
  if (error !== null) return `cannot be started: ${error}`;
  if (groupOf(reason) === 'unfit') return `was ended: ${REASONS[reason]}`;
  if (signal !== null) return `ended by ${signal}`;
  const how = code === null ? 'ended, exit code unknown' : `exited with code ${code}`;
  return note === undefined ? how : `${how}: ${note}`;
}

/** The runner is too old for what the app declares: nothing goes on before it is replaced. */
function unable({ status }: App): App['status']['conditions'][number] | undefined {
  return status.conditions.find(({ type, status: is }) => type === 'Capable' && is === 'False');
}

/** An instance has not become ready in time: nothing goes on by itself, though others may be serving. */
function stuckCondition({ status }: App): App['status']['conditions'][number] | undefined {
  return status.conditions.find(
    ({ type, status: is, reason }) =>
      type === 'Progressing' && is === 'False' && groupOf(reason) === 'unready',
  );
}
