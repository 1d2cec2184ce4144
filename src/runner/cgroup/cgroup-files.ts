import { mkdirSync, readdirSync, readFileSync, readlinkSync, rmdirSync, writeFileSync } from 'node:fs';

/**
 * The files of /proc and of the cgroup tree. Synchronous: what is done between two of these calls is done before
 * anything else of the runner gets its turn. All throw the system's error.
 */
export interface CgroupFiles {
  read(path: string): string;
  write(path: string, text: string): void;
  /** What a symbolic link points to. */
  link(path: string): string;
  makeFolder(path: string): void;
  removeFolder(path: string): void;
  /** Names of the folders inside. */
  folders(path: string): readonly string[];
}

export const hostCgroupFiles: CgroupFiles = {
  read: (path) => readFileSync(path, 'latin1'),
  // Nothing is created in a cgroup by writing to it: a file that is not there is an error.
  write: (path, text) => writeFileSync(path, text, { flag: 'r+' }),
  link: (path) => readlinkSync(path),
  makeFolder: (path) => {
    mkdirSync(path);
  },
  removeFolder: (path) => rmdirSync(path),
  folders: (path) =>
    readdirSync(path, { withFileTypes: true })
      .filter((entry) => entry.isDirectory())
      .map(({ name }) => name),
};
