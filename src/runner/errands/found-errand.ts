import type { Clock } from '../../lib/clocks/clock.ts';
import { formatDuration } from '../../lib/units.ts';
import type { Processes } from '../processes/processes.ts';
import { endedWith } from './errand.ts';
import { readErrandNote, type ErrandNote, type NotePlace } from './errand-note.ts';

export interface FoundErrandOptions extends NotePlace {
  readonly clock: Clock;
  readonly processes: Processes;
  readonly nonce: string;
  readonly count: number;
  /** Its name, for people. */
  readonly name: string;
  /** How long it had, and how much of that is left. */
  readonly timeoutMs: number;
  readonly leftMs: number;
  /** Why it is to be ended at once; `why` follows its name. Null: it is not. */
  readonly cancelled?: () => string | null;
}

const LOOK_MS = 50;

/** `begun` false: there is no trace of it, so it was never started. `why`: as of an `Errand`. */
export type FoundEnd = { readonly begun: false } | { readonly begun: true; readonly why: string | null };

/** A program that an earlier runner has begun, and that is no child of ours; resolves with how it ended. */
export function foundErrand(options: FoundErrandOptions): Promise<FoundEnd> {
  const { clock, count, name, cancelled } = options;
  const endBy = clock.monotonic() + options.leftMs;
  return new Promise((resolve) => {
    const over = (why: string | null): void => resolve({ begun: true, why });
    const look = (): void => {
      // Looked at before the note: the note is written by then.
      const alive = isAlive(options);
      const note = readErrandNote(options);
      const why = cancelled?.() ?? null;
      if (note?.count !== count) resolve({ begun: false });
      else if (note.code !== null) over(endedWith(name, note.code, null));
      else if (!alive && note.pid !== null) over(`${name} was ended, and nobody saw how`);
      else if (why === null && clock.monotonic() < endBy) clock.after(LOOK_MS, look);
      else {
        end(note, options);
        const late = `did not end within ${formatDuration(options.timeoutMs)} and was killed`;
        over(`${name} ${why ?? late}`);
      }
    };
    look();
  });
}

/** It carries the nonce of its instance. What cannot be looked at may be alive. */
function isAlive({ processes, nonce, ...place }: FoundErrandOptions): boolean {
  const pid = readErrandNote(place)?.pid;
  if (pid == null) return false;
  try {
    const stat = processes.stat(pid);
    if (stat === null || stat.zombie) return false;
    const found = processes.nonce(pid);
    return found.kind === 'unreadable' || (found.kind === 'nonce' && found.nonce === nonce);
  } catch {
    return true;
  }
}

/** With all that it has started: it leads a group. */
function end({ pid }: ErrandNote, options: FoundErrandOptions): void {
  if (pid === null || options.processes.nonce(pid).kind !== 'nonce' || !isAlive(options)) return;
  try {
    process.kill(-pid, 'SIGKILL');
  } catch {
    // It has just ended.
  }
}
