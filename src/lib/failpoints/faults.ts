import { appendFileSync, readFileSync, unlinkSync } from 'node:fs';
import { constants } from 'node:os';
import { FAILPOINTS, type FailpointName } from './names.ts';

type Act =
  | { readonly kind: 'kill' }
  | { readonly kind: 'delay'; readonly ms: number }
  | { readonly kind: 'error'; readonly code: string };

interface Fault {
  readonly name: FailpointName;
  readonly act: Act;
  /** The n-th time that this process passes; null: each time. */
  readonly nth: number | null;
}

const SPEC = /^([a-z.]+):(?:(kill)|delay=(\d{1,6})|error=(E[A-Z0-9]+))(?:@([1-9]\d{0,6}))?$/;

/** Reads `name:kill`, `name:delay=100`, `name:error=ENOSPC@3`; throws an Error for people. */
export function parseFault(text: string): Fault {
  const match = SPEC.exec(text);
  if (match === null) throw new Error(`a failpoint is name:kill, :delay=MS or :error=CODE, and @N: ${text}`);
  const [, name = '', kill, ms, code, nth] = match;
  if (!isName(name)) throw new Error(`there is no failpoint ${name}`);
  if (code !== undefined && FAILPOINTS[name].fails !== true) throw new Error(`nothing can fail at ${name}`);
  if (code !== undefined && !Object.hasOwn(constants.errno, code)) throw new Error(`no system says ${code}`);
  const act: Act =
    kill !== undefined
      ? { kind: 'kill' }
      : ms !== undefined
        ? { kind: 'delay', ms: Number(ms) }
        : { kind: 'error', code: code ?? '' };
  return { name, act, nth: nth === undefined ? null : Number(nth) };
}

/**
 * What a process does at its failpoints. `setting` is a fault, or `@/absolute/path` of a file that holds one: it is
 * read at each failpoint, so that a fault can be put into a daemon that runs. A kill removes the file first, so it
 * happens once; whatever happens is noted in `<path>.fired`, a line each: name and pid.
 */
export function armFaults(setting: string): (name: FailpointName) => void {
  const file = setting.startsWith('@/') ? setting.slice(1) : null;
  const fixed = file === null ? parseFault(setting) : null;
  let counted = '';
  let passes = 0;
  return (name) => {
    const text = file === null ? setting : readFault(file);
    if (text === null) return;
    const fault = fixed ?? parseFault(text);
    if (fault.name !== name) return;
    if (text !== counted) [counted, passes] = [text, 0];
    passes += 1;
    if (fault.nth !== null && fault.nth !== passes) return;
    if (file !== null) {
      if (fault.act.kind === 'kill') unlinkSync(file);
      appendFileSync(`${file}.fired`, `${name} ${process.pid}\n`);
    }
    happen(name, fault.act);
  };
}

function happen(name: FailpointName, act: Act): void {
  if (act.kind === 'delay') {
    hold(act.ms);
  } else if (act.kind === 'kill') {
    process.kill(process.pid, 'SIGKILL');
    hold(Infinity);
  } else {
    throw Object.assign(new Error(`${act.code}: put at the failpoint ${name}`), { code: act.code });
  }
}

/** The whole process stands still, as it does when its disk or its processor is taken from it. */
function hold(ms: number): void {
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, ms);
}

function readFault(file: string): string | null {
  try {
    return readFileSync(file, 'utf8').trim() || null;
  } catch {
    return null;
  }
}

function isName(name: string): name is FailpointName {
  return Object.hasOwn(FAILPOINTS, name);
}
