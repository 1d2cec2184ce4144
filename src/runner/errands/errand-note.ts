import { closeSync, constants, fchownSync, openSync, readFileSync, rmSync, writeSync } from 'node:fs';
import { join } from 'node:path';

/**
 * What is written down of a program that is run for an instance, so that a later runner knows how it ended: lines
 * `count N` and `pid N`, and the exit code alone, from the shell in front of it. There is one note for each instance, beside
 * its FIFOs.
 */
export interface ErrandNote {
  readonly count: number;
  /** Null: nobody has written it down. */
  readonly pid: number | null;
  /** Null: it runs, or was ended with the shell in front of it. */
  readonly code: number | null;
}

/** The name lies below that of the set, so that it goes with the set. */
function notePath(folder: string, io: string): string {
  return join(folder, `${io}.reload`);
}

/** Opens the note anew, for the run with this number. Throws the system's error. */
export function openErrandNote(
  { folder, io }: { readonly folder: string; readonly io: string },
  count: number,
  owner: { uid: number; gid: number } | null,
): number {
  const flags =
    constants.O_WRONLY | constants.O_CREAT | constants.O_TRUNC | constants.O_APPEND | constants.O_NOFOLLOW;
  const note = openSync(notePath(folder, io), flags, 0o600);
  try {
    if (owner !== null) fchownSync(note, owner.uid, owner.gid);
    writeSync(note, `count ${count}\n`);
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
export function readErrandNote(folder: string, io: string): ErrandNote | null {
  if (io === '') return null;
  try {
    const text = readFileSync(notePath(folder, io), 'utf8');
    const count = numberIn(text, /^count (\d+)$/m);
    return count === null
      ? null
      : { count, pid: numberIn(text, /^pid (\d+)$/m), code: numberIn(text, /^(\d{1,3})$/m) };
  } catch {
    return null;
  }
}

export function removeErrandNote(folder: string, io: string): void {
  if (io !== '') rmSync(notePath(folder, io), { force: true });
}

function numberIn(text: string, form: RegExp): number | null {
  const found = form.exec(text)?.[1];
  return found === undefined ? null : Number(found);
}
