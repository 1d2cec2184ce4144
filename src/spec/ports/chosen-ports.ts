import type { AppSpec, PortSpec } from '../types.ts';
import { autoPorts, isPerSlot, type GivenPorts } from './slot-ports.ts';

/**
 * Ports that were chosen for an app and stay its own: by place (a slot, or all of them where they share one) and by the name
 * of the port. The second number is there for rollouts that start first: two processes of one slot take turns with the two.
 */
export type ChosenPorts = Readonly<Record<string, Readonly<Record<string, readonly number[]>>>>;

/** A number that is chosen now. */
export interface ChosenPort {
  readonly place: string;
  readonly name: string;
  readonly port: number;
  /** The number that it takes the place of, because somebody else has that; null: none. */
  readonly instead: number | null;
}

/** What still has to be chosen for a process. */
export type MissingPort = Pick<ChosenPort, 'place' | 'name' | 'instead'>;

/** Ports to choose from, both ends included. */
export interface PortRange {
  readonly first: number;
  readonly last: number;
}

/** Below the ports that Linux gives to outgoing connections, and above those that programs are known by. */
export const USUAL_RANGE: PortRange = { first: 20_000, last: 29_999 };

/** Where the port is kept that all slots share. */
const ALL_SLOTS = 'all';

export interface PortsAtHand {
  readonly given: GivenPorts;
  readonly missing: readonly MissingPort[];
}

/**
 * What a process that is started in this slot gets of what was chosen before, and what is missing. `taken` are ports of
 * other processes in the slot.
 */
export function portsAtHand(
  spec: AppSpec,
  slot: number,
  { chosen, taken }: { readonly chosen: ChosenPorts; readonly taken: ReadonlySet<number> },
): PortsAtHand {
  const given: Record<string, number> = {};
  const missing: MissingPort[] = [];
  for (const port of autoPorts(spec)) {
    const place = placeOf(spec, port, slot);
    const numbers = chosen[place]?.[port.name] ?? [];
    const number = place === ALL_SLOTS ? numbers[0] : numbers.find((one) => !taken.has(one));
    if (number === undefined) missing.push({ place, name: port.name, instead: null });
    else given[port.name] = number;
  }
  return { given, missing };
}

/** Where the port of a slot is kept. */
export function placeOf(spec: AppSpec, port: PortSpec, slot: number): string {
  return isPerSlot(spec, port) ? String(slot) : ALL_SLOTS;
}

/** With what is chosen now. */
export function withChosen(before: ChosenPorts, ports: readonly ChosenPort[]): ChosenPorts {
  return ports.reduce((chosen, { place, name, port, instead }) => {
    const ofPlace = chosen[place] ?? {};
    const numbers = (ofPlace[name] ?? []).filter((number) => number !== instead && number !== port);
    // One that was replaced was the usual one, and so is what comes in its place.
    const next = instead === null ? [...numbers, port] : [port, ...numbers];
    return { ...chosen, [place]: { ...ofPlace, [name]: next } };
  }, before);
}

/** Every number that was chosen. */
export function chosenNumbers(chosen: ChosenPorts): readonly number[] {
  return Object.values(chosen).flatMap((ofPlace) => Object.values(ofPlace).flat());
}

/** Without ports that none of these declares as `auto`; undefined: nothing is left. */
export function stillChosen(chosen: ChosenPorts, specs: readonly AppSpec[]): ChosenPorts | undefined {
  const names = new Set(specs.flatMap((spec) => autoPorts(spec).map(({ name }) => name)));
  const left = Object.entries(chosen).flatMap(([place, ofPlace]) => {
    const kept = Object.entries(ofPlace).filter(([name]) => names.has(name));
    return kept.length === 0 ? [] : [[place, Object.fromEntries(kept)] as const];
  });
  return left.length === 0 ? undefined : Object.fromEntries(left);
}

/**
 * The ports of a range in the order in which they are tried for a place: from one that follows from the name, so that an app
 * that was removed and comes back finds what it had. Slots follow each other.
 */
export function* candidates(
  app: string,
  { place, name }: Pick<ChosenPort, 'place' | 'name'>,
  { first, last }: PortRange,
): Generator<number> {
  const size = last - first + 1;
  const slot = place === ALL_SLOTS ? 0 : Number(place);
  const start = (digest(`${app} ${name}`) + slot) % size;
  for (let step = 0; step < size; step++) yield first + ((start + step) % size);
}

/** FNV-1a: the same on every host. */
function digest(text: string): number {
  let hash = 0x811c9dc5;
  for (let index = 0; index < text.length; index++) {
    hash = Math.imul(hash ^ text.charCodeAt(index), 0x01000193) >>> 0;
  }
  return hash;
}

/** `20000-29999`; null: the text is none. */
export function readRange(text: string): PortRange | null {
  const [, first, last] = /^\s*(\d{1,5})\s*-\s*(\d{1,5})\s*$/.exec(text) ?? [];
  const range = { first: Number(first ?? 0), last: Number(last ?? 0) };
  return range.first >= 1 && range.first <= range.last && range.last <= 65_535 ? range : null;
}
