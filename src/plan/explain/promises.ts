import type { AppSlots } from '../slots/slots.ts';
import { activeInstances, isWanted, type Slot } from '../slots/slot.ts';
import { REASONS, type Reason } from '../model/reasons.ts';
import type { Condition, ConditionType } from '../model/health.ts';
import type { ObservedInstance, Silence } from '../model/observed.ts';

interface Promised {
  readonly type: ConditionType;
  readonly reason: Reason;
}

/** What the runner's problem codes mean for an app, the worst first. */
const BY_CODE: readonly (readonly [string, Promised])[] = [
  ['log-write-failed', { type: 'Logging', reason: 'LogWriteFailed' }],
  ['output-lost', { type: 'Logging', reason: 'OutputLost' }],
  ['log-dropped', { type: 'Logging', reason: 'LogLinesDropped' }],
  ['log-times-lost', { type: 'Logging', reason: 'LogTimesLost' }],
  ['log-rotation-failed', { type: 'Logging', reason: 'LogRotationFailed' }],
  ['ledger-not-written', { type: 'Recorded', reason: 'LedgerNotWritten' }],
  ['notify-unheard', { type: 'Heard', reason: 'NotifyUnheard' }],
  ['leftovers', { type: 'ProcessesEnded', reason: 'SurvivorsLeft' }],
];

/** Conditions that are promises: `False` says that one is broken, and its message gives the way out. */
const PROMISES: readonly ConditionType[] = [
  'Logging',
  'SocketSharing',
  'ProcessesEnded',
  'PortFree',
  'PortsOpen',
  'Watching',
  'Limited',
  'Heard',
  'Recorded',
  'Hooks',
  'Saved',
  'Code',
  'Secrets',
  'Supervised',
  'Capable',
  'Reloaded',
  'Confirmed',
  'Changeable',
  'Reported',
  'AsDeclared',
];

/** How many problems of one kind are listed. */
const TOLD = 3;

/** The conditions that say that a promise is broken. */
export function lostPromises(conditions: readonly Condition[]): readonly Condition[] {
  return conditions.filter(({ type, status }) => status === 'False' && PROMISES.includes(type));
}

/** The promises that are broken according to the processes of an app: one condition for each kind. */
export function lostByInstances({ app, slots }: AppSlots): readonly Condition[] {
  const told = slots.flatMap(instancesOf);
  const lost = BY_CODE.flatMap(([code, promised]) =>
    told.flatMap(({ slot, problems = [] }) =>
      problems.filter((problem) => problem.code === code).map(({ message }) => ({ promised, slot, message })),
    ),
  );
  const types = [...new Set(lost.map(({ promised }) => promised.type))];
  const conditions = types.map((type) => {
    const ofType = lost.filter(({ promised }) => promised.type === type);
    return { type, status: 'False' as const, reason: worst(ofType), message: messageOf(ofType) };
  });
  const sharing = told.filter(({ socketsLost, state }) => socketsLost === true && state !== 'exited');
  return sharing.length === 0 ? conditions : [...conditions, sharingLost(app.key, sharing)];
}

/** That processes have not read their settings again, until they do or are replaced. */
export function reloadCondition({ app, slots }: AppSlots): readonly Condition[] {
  const { lastReload: last, key } = app;
  if (last?.outcome !== 'failed' || app.reload !== undefined) return [];
  const isOlder = ({ startReloads = 0 }: ObservedInstance): boolean => startReloads < last.count;
  if (!slots.some((slot) => isWanted(slot) && activeInstances(slot).some(isOlder))) return [];
  const why = last.failure === null ? '' : `: ${last.failure.message}`;
  const way = `mend it, then stateward reload ${key}; stateward restart ${key} starts new processes`;
  const message = `the last reload failed (${last.detail})${why}; ${way}`;
  return [{ type: 'Reloaded', status: 'False', reason: 'ReloadFailed', message }];
}

/** That nobody starts an app again, stops it or reads what it writes, while the runner does not answer. */
export function silenceCondition(silence: Silence | null | undefined): readonly Condition[] {
  if (silence === null || silence === undefined) return [];
  return [{ type: 'Supervised', status: 'False', reason: 'RunnerSilent', message: silence.message }];
}

/** Whether a process that stays writes a log that nobody will be able to read. */
export function losesLog({ slots }: AppSlots): boolean {
  return slots.some((slot) => isWanted(slot) && activeInstances(slot)[0]?.problems?.some(isLogLost));
}

function isLogLost({ code }: { readonly code: string }): boolean {
  return code === 'log-write-failed' || code === 'output-lost';
}

function instancesOf(slot: Slot): readonly ObservedInstance[] {
  return [...activeInstances(slot), ...slot.stopping, ...slot.exited];
}

interface Lost {
  readonly promised: Promised;
  readonly slot: number;
  readonly message: string;
}

function worst([first]: readonly Lost[]): Reason {
  return first?.promised.reason ?? 'RunnerNotice';
}

/** Instances that share what is broken report the same; it is said once. */
function messageOf(lost: readonly Lost[]): string {
  const messages = [...new Set(lost.map(({ message }) => message))];
  const more = messages.length - TOLD;
  return [...messages.slice(0, TOLD), ...(more > 0 ? [`and ${more} more`] : [])].join('; ');
}

function sharingLost(key: string, instances: readonly ObservedInstance[]): Condition {
  const slots = [...new Set(instances.map(({ slot }) => slot))].join(', ');
  const way = `stateward restart ${key} gives them new ones, with a gap`;
  const message = `slot ${slots}: ${REASONS.SocketsLost}; ${way}`;
  return { type: 'SocketSharing', status: 'False', reason: 'SocketsLost', message };
}
