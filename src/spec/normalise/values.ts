import { parseBytes, parseDuration } from '../../lib/units.ts';

/**
 * Values of a validated file in the form that a spec has them. The schema has checked their shape, also that of
 * numbers and booleans that are written as text (`"3"`, `${MAX}`); undefined stays undefined.
 */
export function readBoolean(value: boolean | string | undefined): boolean | undefined {
  return value === undefined ? undefined : value === true || value === 'true';
}

export function readNumber(value: number | string | undefined): number | undefined {
  return value === undefined ? undefined : Number(value);
}

/** A number; a name is read elsewhere. */
export function readProbePort(value: number | string | undefined): number | undefined {
  return value === undefined || Number.isNaN(Number(value)) ? undefined : Number(value);
}

/** Milliseconds. */
export function readDuration(value: number | string | undefined): number | undefined {
  return value === undefined ? undefined : parseDuration(value);
}

/** Bytes. */
export function readBytes(value: number | string | undefined): number | undefined {
  return value === undefined ? undefined : parseBytes(value);
}

/** A map of texts: what was read as a number or a boolean is one too. */
export function readTexts(
  value: Readonly<Record<string, string | number | boolean>>,
): Readonly<Record<string, string>> {
  return Object.fromEntries(Object.entries(value).map(([name, text]) => [name, String(text)]));
}

export function readList<T>(value: T | readonly T[] | undefined): readonly T[] {
  if (value === undefined) return [];
  return isList(value) ? value : [value];
}

function isList<T>(value: T | readonly T[]): value is readonly T[] {
  return Array.isArray(value);
}
