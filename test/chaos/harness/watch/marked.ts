import { readdirSync, readFileSync } from 'node:fs';

/** A live process that carries a mark in its environment. */
export interface Marked {
  readonly pid: number;
  readonly parent: number;
  readonly group: number;
  /** `app:slot`; of a process that is no app, a hook of one too: empty. */
  readonly slot: string;
  /** Of the instance that it belongs to. */
  readonly nonce: string;
  readonly command: string;
}

/** Every live process with this line in its environment: whoever its parent is, and whatever it has become since. */
export function markedProcesses(line: string): readonly Marked[] {
  return readdirSync('/proc').flatMap((entry) => {
    const pid = Number(entry);
    if (!Number.isInteger(pid) || pid === process.pid) return [];
    const found = look(pid, line);
    return found === null ? [] : [found];
  });
}

function look(pid: number, line: string): Marked | null {
  try {
    const environment = readFileSync(`/proc/${pid}/environ`, 'utf8').split('\0');
    if (!environment.includes(line)) return null;
    const value = (name: string): string =>
      environment.find((text) => text.startsWith(`${name}=`))?.slice(name.length + 1) ?? '';
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    const [state, parent, group] = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    if (state === 'Z' || state === 'X') return null;
    const app = value('STATEWARD_APP');
    return {
      pid,
      parent: Number(parent),
      group: Number(group),
      slot: app === '' || value('STATEWARD_HOOK') !== '' ? '' : `${app}:${value('STATEWARD_SLOT')}`,
      nonce: value('STATEWARD_INSTANCE'),
      command: readFileSync(`/proc/${pid}/cmdline`, 'utf8').replaceAll('\0', ' ').trim(),
    };
  } catch {
    // It has ended meanwhile, or is somebody else's.
    return null;
  }
}
