import { closeSync, constants, fchownSync, openSync, readFileSync, rmSync, writeSync } from 'node:fs';
import { join } from 'node:path';

/** What it is run for: there is one note of each kind for an instance. */
export type ErrandKind = 'reload' | 'shutdown';

/** The number under which a later runner looks for it: that of a reload; of the command that ends an app 1. */
export interface ErrandMark {
  readonly kind: ErrandKind;
  readonly count: number;
}

/**
 * What is written down of a program that is run for an instance, so that a later runner knows how it ended: lines
 * `count N`, `at N` and `pid N`, and the exit code alone, from the shell in front of it. It lies beside the FIFOs of the
 * instance.
 */
export interface ErrandNote {
  readonly count: number;
  /** When it began, in epoch milliseconds; null: an earlier version has not written it down. */
  readonly at: number | null;
  /** Null: nobody has written it down. */
  readonly pid: number | null;
  /** Null: it runs, or was ended with the shell in front of it. */
  readonly code: number | null;
}

/** The name lies below that of the set, so that it goes with the set. */
function notePath({ folder, io, kind }: NotePlace): string {
  return join(folder, `${io}.${kind}`);
}

/** Folder of the FIFOs, the name of the set of the instance, and what it is run for. */
export interface NotePlace {
  readonly folder: string;
  readonly io: string;
  readonly kind: ErrandKind;
}

/** Opens the note anew, for the run with this number. Throws the system's error. */
export function openErrandNote(
  place: NotePlace,
  { count, at }: Pick<ErrandNote, 'count'> & { readonly at: number },
  owner: { uid: number; gid: number } | null,
): number {
  const flags =
    constants.O_WRONLY | constants.O_CREAT | constants.O_TRUNC | constants.O_APPEND | constants.O_NOFOLLOW;
  const note = openSync(notePath(place), flags, 0o600);
  try {
    if (owner !== null) fchownSync(note, owner.uid, owner.gid);
    writeSync(note, `count ${count}\nat ${at}\n`);
    return note;
  } catch (error) {
    closeSync(note);
    throw error;
  }
}

/** To be called as soon as it is there: what a later runner may end. */
export function notePid(note: number, pid: number): void {
  writeSync(note, `pid ${pid}\n`);
}

/** Null: there is none. */
export function readErrandNote(place: NotePlace): ErrandNote | null {
  if (place.io === '') return null;
  try {
    const text = readFileSync(notePath(place), 'utf8');
    const count = numberIn(text, /^count (\d+)$/m);
    if (count === null) return null;
    return {
      count,
      at: numberIn(text, /^at (\d+)$/m),
      pid: numberIn(text, /^pid (\d+)$/m),
      code: numberIn(text, /^(\d{1,3})$/m),
    };
  } catch {
    return null;
  }
}

export function removeErrandNotes(folder: string, io: string): void {
  if (io === '') return;
  for (const kind of ['reload', 'shutdown'] as const) rmSync(notePath({ folder, io, kind }), { force: true });
}

function numberIn(text: string, form: RegExp): number | null {
  const found = form.exec(text)?.[1];
  return found === undefined ? null : Number(found);
}
