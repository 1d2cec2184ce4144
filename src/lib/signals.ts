import { nearest } from './nearest.ts';

/**
 * The signals that Linux and macOS both have, in the order of their numbers on Linux. `SIGRTMIN+3` is the fourth of the
 * real-time signals, which have numbers only.
 */
export const SIGNAL_NAMES = [
  'SIGHUP',
  'SIGINT',
  'SIGQUIT',
  'SIGILL',
  'SIGTRAP',
  'SIGABRT',
  'SIGBUS',
  'SIGFPE',
  'SIGKILL',
  'SIGUSR1',
  'SIGSEGV',
  'SIGUSR2',
  'SIGPIPE',
  'SIGALRM',
  'SIGTERM',
  'SIGSTKFLT',
  'SIGCHLD',
  'SIGCONT',
  'SIGSTOP',
  'SIGTSTP',
  'SIGTTIN',
  'SIGTTOU',
  'SIGURG',
  'SIGXCPU',
  'SIGXFSZ',
  'SIGVTALRM',
  'SIGPROF',
  'SIGWINCH',
  'SIGIO',
  'SIGPWR',
  'SIGSYS',
] as const;

/** Other names of the same signals. */
const ALIASES: Readonly<Record<string, string>> = {
  SIGIOT: 'SIGABRT',
  SIGCLD: 'SIGCHLD',
  SIGPOLL: 'SIGIO',
};

/** As glibc counts them: it keeps two of the kernel's for itself. */
const REAL_TIME_MIN = 34;
const REAL_TIME_MAX = 64;

const NAMED: ReadonlySet<string> = new Set(SIGNAL_NAMES);

/**
 * The signal that a word or a number means: `hup`, `SIGHUP` and 1 are `SIGHUP`; `RTMAX-14`, `SIGRTMIN+16` and 50 are
 * `SIGRTMIN+16`. Undefined: there is no such signal. Numbers are those of Linux.
 */
export function signalNamed(word: string | number): string | undefined {
  const text = String(word).trim().toUpperCase();
  if (/^\d+$/.test(text)) return ofNumber(Number(text));
  const full = text.startsWith('SIG') ? text : `SIG${text}`;
  const name = ALIASES[full] ?? full;
  return NAMED.has(name) ? name : ofRealTime(name);
}

/** The signal that a word was probably meant to be; null: none is near. */
export function nearestSignal(word: string): string | null {
  const text = word.trim().toUpperCase();
  if (/^\W*\d/.test(text)) return null;
  const meant = nearest(text.startsWith('SIG') ? text : `SIG${text}`, SIGNAL_NAMES);
  return meant ?? nearest(text, SIGNAL_NAMES);
}

/** What `kill` takes for a name of `signalNamed`: the name itself, or the number of a real-time signal. */
export function killArgument(name: string): string | number {
  const above = /^SIGRTMIN\+(\d+)$/.exec(name)?.[1];
  return above === undefined ? name : REAL_TIME_MIN + Number(above);
}

function ofNumber(number: number): string | undefined {
  return SIGNAL_NAMES[number - 1] ?? realTime(number);
}

function ofRealTime(name: string): string | undefined {
  const [, from, distance = '0'] = /^SIGRT(MIN(?=\+|$)|MAX(?=-|$))(?:[+-](\d+))?$/.exec(name) ?? [];
  if (from === undefined) return undefined;
  return realTime(from === 'MIN' ? REAL_TIME_MIN + Number(distance) : REAL_TIME_MAX - Number(distance));
}

function realTime(number: number): string | undefined {
  if (number < REAL_TIME_MIN || number > REAL_TIME_MAX) return undefined;
  return `SIGRTMIN+${number - REAL_TIME_MIN}`;
}
