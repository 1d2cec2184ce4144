import { spawn, type ChildProcess } from 'node:child_process';
import { constants, fchownSync, openSync } from 'node:fs';
import type { Duplex } from 'node:stream';
import { errorMessage } from '../../lib/system-error.ts';
import { makeFolder } from '../../lib/make-folder.ts';
import { findProgram } from '../spawn/prefixes/put-in-front.ts';
import type { Prefix } from '../spawn/prefixes/prefix.ts';

/** What an app is given in place of its three streams. */
export interface TerminalOrder {
  /** terminal.pl, by its absolute path. */
  readonly program: string;
  /** Where the sockets of terminals are, named by the pids of their apps. */
  readonly folder: string;
  /** `shop/repl:0`, for people. */
  readonly name: string;
}

/** A terminal that nobody has open but us. */
export interface Terminal {
  /** The end of it that is the app's. Whoever has opened it closes it: the terminal goes with the last one. */
  readonly fd: number;
  /** Says who is on it: from now on others can attach to it. */
  begin(pid: number): void;
}

/** Whoever makes a terminal takes milliseconds. */
const MAKE_MS = 10_000;

const NEED =
  'perl is needed to give an app a terminal: install it (apt-get install perl-base, dnf install perl-interpreter, apk add perl)';

/** Makes the terminal on its streams that of the app. */
export function takesTerminal(program: string | undefined): readonly Prefix[] {
  if (program === undefined) return [];
  return [{ key: 'tty', program: 'perl', args: [program, 'take'], need: NEED }];
}

/**
 * Has a process of its own make a terminal and hold it: for as long as somebody has it open, whatever becomes of us. Its
 * lines go to `out`, what is wrong with it to `error`; `owner` may open it anew. Throws an Error that says why there is
 * none.
 */
export async function openTerminal(
  { program, folder, name }: TerminalOrder,
  { out, error, owner }: { readonly out: number; readonly error: number; readonly owner: Owner | null },
): Promise<Terminal> {
  if (process.platform !== 'linux') throw new Error('tty: an app can have a terminal on Linux only');
  const perl = await findProgram({ key: 'tty', program: 'perl', args: [], need: NEED });
  await makeFolder(folder, 0o700);
  const child = spawn(perl, [program, 'hold', folder, name], {
    cwd: '/',
    detached: true,
    // Nothing that says that it belongs to an instance.
    env: { PATH: process.env['PATH'] ?? '', LC_ALL: 'C' },
    stdio: ['ignore', out, error, 'pipe'],
  });
  child.unref();
  const control = child.stdio[3] as Duplex;
  try {
    const fd = openSync(await pathOf(child, control), constants.O_RDWR | constants.O_NOCTTY);
    if (owner !== null) fchownSync(fd, owner.uid, owner.gid);
    return {
      fd,
      begin: (pid) => {
        control.end(`${pid}\n`);
      },
    };
  } catch (failure) {
    control.destroy();
    child.kill('SIGKILL');
    throw new Error(`tty: ${errorMessage(failure)}`, { cause: failure });
  }
}

interface Owner {
  readonly uid: number;
  readonly gid: number;
}

/** The terminal that it has made. */
function pathOf(child: ChildProcess, control: Duplex): Promise<string> {
  return new Promise((resolve, reject) => {
    const late = setTimeout(() => reject(new Error('no terminal was made in time')), MAKE_MS);
    const settle = (act: () => void): void => {
      clearTimeout(late);
      act();
    };
    let said = '';
    control.on('data', (chunk: Buffer) => {
      said += chunk.toString();
      if (!said.endsWith('\n')) return;
      const line = said.trimEnd();
      settle(() => (line.startsWith('!') ? reject(new Error(line.slice(1))) : resolve(line)));
    });
    control.on('error', () => undefined);
    child.on('error', (error) => settle(() => reject(error)));
    child.on('exit', () => settle(() => reject(new Error('no terminal was made'))));
  });
}
