import type { Inputs } from '../inputs/inputs.ts';
import { commandSubject } from '../inputs/questions.ts';
import type { FileFacts } from '../../spec/normalise/normalise-context.ts';

/** What one load looks up on disk, each path once. */
export interface Disk {
  readonly inspect: (path: string) => FileFacts;
  /** `scripts` of the package.json in a folder; none when it cannot be read. */
  readonly packageScripts: (folder: string) => Readonly<Record<string, string>>;
  /** The path of a command on this PATH, or null. */
  readonly findCommand: (name: string, searchPath: string) => string | null;
  readonly ask: Inputs['ask'];
  readonly read: Inputs['read'];
}

export function createDisk({ ask, read }: Pick<Inputs, 'ask' | 'read'>): Disk {
  return {
    ask,
    read,
    packageScripts: (folder) => ask('scripts', folder),
    inspect: (path) => ask('facts', path),
    findCommand: (name, searchPath) => ask('command', commandSubject(name, searchPath)),
  };
}
