import { isFromOutside } from './exits.ts';
import type { Occupant } from './occupant.ts';
import { startsAfresh, type NextStart } from './restart-policy.ts';
import type { DesiredApp } from '../model/desired.ts';
import type { ObservedInstance, SlotHistory } from '../model/observed.ts';

/**
 * One slot of a desired app, by what it holds. It holds one process, or two while the second proves itself.
 *
 *   nothing ──start──▶ declared ──something else is declared──▶ outdated ──start first──▶ pair
 *      ▲                  │  ▲                                  │    ▲                    │ │
 *      │◀──── it ends ────┘  │                                  │    └─ the declared ends ┘ │
 *      │◀─────────────────── │ ─── it ends, or stop first ──────┘                           │
 *                            └────────────── the outdated one ends ─────────────────────────┘
 *
 * `unwanted`: the slot is to hold nothing; all that is in it goes.
 */
export type Slot = UnwantedSlot | EmptySlot | DeclaredSlot | OutdatedSlot | PairSlot;

/** What may be in any slot beside the processes that it keeps. */
interface AnySlot {
  readonly slot: number;
  /** Running or starting processes that have no place in it. */
  readonly surplus: readonly ObservedInstance[];
  readonly stopping: readonly ObservedInstance[];
  readonly unverified: readonly ObservedInstance[];
  readonly exited: readonly ObservedInstance[];
  /** What is on record. */
  readonly recorded: SlotHistory | undefined;
  /** What is on record, and the exits that are on the table only. */
  readonly history: SlotHistory | undefined;
}

export interface UnwantedSlot extends AnySlot {
  readonly holds: 'unwanted';
}

export interface EmptySlot extends AnySlot {
  readonly holds: 'nothing';
  /** What happens once nothing else is in it. */
  readonly next: NextStart;
}

/** Runs what is declared. */
export interface DeclaredSlot extends AnySlot {
  readonly holds: 'declared';
  readonly declared: Occupant;
}

/** Runs something else: an older version, or what is to be restarted. */
export interface OutdatedSlot extends AnySlot {
  readonly holds: 'outdated';
  readonly outdated: Occupant;
  /** When a process of the declared version may start. */
  readonly successor: NextStart;
}

/** The declared process proves itself while the outdated one goes on serving. */
export interface PairSlot extends AnySlot {
  readonly holds: 'pair';
  readonly declared: Occupant;
  readonly outdated: Occupant;
}

export type WantedSlot = Exclude<Slot, UnwantedSlot>;

/** Whether what is on record ended before this process began: it says nothing of what comes after it. */
export function isOlder(history: SlotHistory | undefined, { generation }: ObservedInstance): boolean {
  return (history?.lastGeneration ?? Infinity) < generation;
}

export function isWanted(slot: Slot): slot is WantedSlot {
  return slot.holds !== 'unwanted';
}

export function hasOutdated(slot: Slot): slot is OutdatedSlot | PairSlot {
  return slot.holds === 'outdated' || slot.holds === 'pair';
}

export function hasDeclared(slot: Slot): slot is DeclaredSlot | PairSlot {
  return slot.holds === 'declared' || slot.holds === 'pair';
}

/** Holds a process that is ready, of whatever version. */
export function isServing(slot: Slot): boolean {
  return (hasDeclared(slot) && slot.declared.ready) || (hasOutdated(slot) && slot.outdated.ready);
}

/** The processes that the slot keeps, the declared one first. */
export function occupantsOf(slot: Slot): readonly Occupant[] {
  switch (slot.holds) {
    case 'declared':
      return [slot.declared];
    case 'outdated':
      return [slot.outdated];
    case 'pair':
      return [slot.declared, slot.outdated];
    default:
      return [];
  }
}

/** The processes of a slot that run or start, those to keep first. */
export function activeInstances(slot: Slot): readonly ObservedInstance[] {
  switch (slot.holds) {
    case 'declared':
      return [slot.declared.instance, ...slot.surplus];
    case 'outdated':
      return [slot.outdated.instance, ...slot.surplus];
    case 'pair':
      return [slot.declared.instance, slot.outdated.instance, ...slot.surplus];
    default:
      return slot.surplus;
  }
}

/** Ended on purpose, and to stay so: nothing waits for it any more, neither dependents nor a rollout. */
export function isCompleted(slot: Slot): boolean {
  return staysEmpty(slot, 'Completed');
}

/** Ended badly, and to stay down until a person acts. */
export function isGivenUp(slot: Slot): boolean {
  return staysEmpty(slot, 'Failed');
}

function staysEmpty(slot: Slot, outcome: 'Completed' | 'Failed'): boolean {
  if (slot.holds !== 'nothing' || slot.stopping.length > 0) return false;
  return slot.next.kind === 'never' && slot.next.outcome === outcome;
}

/**
 * Whether the slot is down because of how its process ended, or not up again yet. A person who asks for the app again
 * wants it started as if that had not happened.
 */
export function isDownByItself(slot: Slot, app: DesiredApp): boolean {
  const exit = slot.history?.lastExit ?? null;
  if (!isWanted(slot) || isServing(slot) || exit === null || isCompleted(slot)) return false;
  return !isFromOutside(exit) && !startsAfresh(slot.history, app);
}

/** What is declared has been started in this slot beside the outdated process, and has ended by itself. */
export function hasCrashedBeside({ outdated, history }: OutdatedSlot, app: DesiredApp): boolean {
  if (isOlder(history, outdated.instance)) return false;
  return (
    !startsAfresh(history, app) && history?.lastExit?.requested === false && !isFromOutside(history.lastExit)
  );
}
