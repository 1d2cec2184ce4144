import { closeSync, constants, fchownSync, openSync, readFileSync, unlinkSync } from 'node:fs';
import { join } from 'node:path';

/**
 * How a command ended, as the shell in front of it writes it down: what a later runner has of a process that is not its
 * child. The file lies beside the FIFOs of the process, with the name of their set.
 */
function notePath(folder: string, io: string): string {
  return join(folder, `${io}.exit`);
}

/**
 * Runs the command behind it, and notes its exit code on descriptor 3, where other processes have their channel: one with
 * a note has none. A signal to the group is the command's. What the shell itself has to say of a signal (`Terminated`) is not
 * the command's, and is not heard.
 */
export const NOTE_SCRIPT =
  'exec 4>&2 2>/dev/null; trap : HUP INT QUIT TERM; (exec "$@" 2>&4 3>&- 4>&-); c=$?; echo "$c" >&3; exit "$c"';

/** Opens the note for writing. Throws the system's error. */
export function openExitNote(folder: string, io: string, owner: { uid: number; gid: number } | null): number {
  const flags = constants.O_WRONLY | constants.O_CREAT | constants.O_TRUNC | constants.O_NOFOLLOW;
  const note = openSync(notePath(folder, io), flags, 0o600);
  try {
    if (owner !== null) fchownSync(note, owner.uid, owner.gid);
    return note;
  } catch (error) {
    closeSync(note);
    throw error;
  }
}

/** The exit code that was noted; null: none was. */
export function notedExit(folder: string, io: string): number | null {
  if (io === '') return null;
  try {
    const text = readFileSync(notePath(folder, io), 'utf8').trim();
    return /^\d{1,3}$/.test(text) ? Number(text) : null;
  } catch {
    return null;
  }
}

/** To be called when the end is known: the FIFOs beside it may be gone before that. */
export function removeExitNote(folder: string, io: string): void {
  if (io === '') return;
  try {
    unlinkSync(notePath(folder, io));
  } catch {
    // Most have none.
  }
}

/** The end of a process, with the code that was noted where nobody has seen it. */
export function withNote<Ending extends { readonly code: number | null; readonly signal: string | null }>(
  ending: Ending,
  folder: string,
  io: string,
): Ending {
  if (ending.code !== null || ending.signal !== null) return ending;
  const code = notedExit(folder, io);
  return code === null ? ending : { ...ending, code };
}
