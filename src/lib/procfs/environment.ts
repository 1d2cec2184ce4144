import { readFileSync } from 'node:fs';

/** Reads a file of /proc whole, as text; throws the system's error. */
export type ReadProc = (path: string) => string;

/** Fields of /proc/pid/stat behind the command, counted from the state of the process, 0; see proc_pid_stat(5). */
const STATE = 0;
const FLAGS = 6;
const DATA_END = 43;
const ENVIRONMENT_START = 47;
const ENVIRONMENT_END = 48;
/** Bits of the flags: the process is ending, or a thread of the kernel. */
const EXITING = 0x4;
const KERNEL_THREAD = 0x20_0000;
/** One that takes on program after program can be met in between each time. */
const LOOKS = 8;

/**
 * The environment that a Linux process was started with, as /proc has it: `NAME=value`, each with a NUL behind it. Throws
 * the system's error where nobody may look.
 *
 * Null: the process is in the middle of an execve(2). It has the memory of its new program, and the kernel has not yet
 * said where in it the environment is, so that it reads as empty: for microseconds, and for as long as the process has to
 * wait for a processor or a disk. Who takes that for an answer does not know one of his own.
 */
export function environmentOf(pid: number, read: ReadProc = readText): string | null {
  for (let look = 0; look < LOOKS; look++) {
    const text = read(`/proc/${pid}/environ`);
    if (text !== '') return text;
    const place = placeOf(read(`/proc/${pid}/stat`));
    if (place === 'empty') return '';
    if (place === 'unknown') return null;
  }
  return null;
}

/** The same, and empty where nobody may look, or there is no such process. */
export function environmentAsFarAsSeen(pid: number, read: ReadProc = readText): string | null {
  try {
    return environmentOf(pid, read);
  } catch {
    return '';
  }
}

/** What the kernel says of where the environment is. `somewhere`: the process has come to have one since it was read. */
function placeOf(stat: string): 'empty' | 'unknown' | 'somewhere' {
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  if (fields[STATE] === 'Z' || fields[STATE] === 'X') return 'empty';
  if ((Number(fields[FLAGS]) & (EXITING | KERNEL_THREAD)) !== 0) return 'empty';
  if (fields[ENVIRONMENT_END] === '0') return 'unknown';
  if (fields[ENVIRONMENT_START] !== fields[ENVIRONMENT_END]) return 'somewhere';
  // An execve(2) puts the end where the start is, moves it on variable by variable, and says last where the data of the
  // program is (create_elf_tables and load_elf_binary in fs/binfmt_elf.c).
  return fields[DATA_END] === '0' ? 'unknown' : 'empty';
}

function readText(path: string): string {
  return readFileSync(path, 'latin1');
}
