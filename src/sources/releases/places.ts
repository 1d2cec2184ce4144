import { join } from 'node:path';

/** Where the parts of a source's releases are: beside the trees, in a folder that no commit can be called like. */
export interface ReleasePlaces {
  readonly dir: string;
  readonly own: string;
  /** Cache folders, by their paths in the tree. */
  readonly cache: string;
  /** What says how processes of the running build, and of the running hook, are found. */
  readonly building: string;
  readonly hooking: string;
}

export function releasePlaces(dir: string): ReleasePlaces {
  const own = join(dir, '.stateward');
  return {
    dir,
    own,
    cache: join(own, 'cache'),
    building: join(own, 'building'),
    hooking: join(own, 'hooking'),
  };
}

/** What may have been left running by a daemon that has died: see endNoted. */
export function notesOfRuns(dir: string): readonly string[] {
  const { building, hooking } = releasePlaces(dir);
  return [building, hooking];
}

/** Of one commit. */
export interface CommitPlaces {
  readonly root: string;
  /** What it is; there once the release is complete and durable, and never before. */
  readonly marker: string;
  /** Its files as they were then. */
  readonly manifest: string;
  readonly output: string;
}

export function commitPlaces({ dir, own }: ReleasePlaces, commit: string): CommitPlaces {
  return {
    root: join(dir, commit),
    marker: join(own, `${commit}.json`),
    manifest: join(own, `${commit}.files`),
    output: join(own, `${commit}.log`),
  };
}
