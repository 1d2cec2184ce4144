import type { Clock } from '../../lib/clocks/clock.ts';
import type { Failure } from '../../lib/failure.ts';
import type { Result } from '../../lib/result.ts';
import type { Repository, TreeBounds } from '../git/model.ts';

/** What makes a release of a checked-out tree. */
export interface BuildRequest {
  /** Program and arguments: no shell. */
  readonly command: readonly string[];
  readonly timeoutMs: number;
  /** Folder in the tree that it runs in; '' is the root. */
  readonly cwd: string;
  /** Folders in the tree that are handed from build to build, such as `.next/cache`. Each release has its own copy. */
  readonly cache: readonly string[];
  /** All of its environment but for what is added: STATEWARD_SOURCE, STATEWARD_COMMIT, STATEWARD_BUILD. */
  readonly env: Readonly<Record<string, string>>;
}

export interface ReleaseLimits extends TreeBounds {
  /** Of what the build writes; the middle is left out. */
  readonly maxOutputBytes: number;
}

export interface ReleaseRequest {
  readonly repository: Pick<Repository, 'exportTo'>;
  readonly source: string;
  readonly commit: string;
  /** `<home>/releases/<source>`. */
  readonly dir: string;
  readonly build: BuildRequest | null;
  readonly limits: ReleaseLimits;
  readonly clock: Clock;
  readonly signal?: AbortSignal;
}

/** A commit that is checked out, built and complete. */
export interface Release {
  readonly source: string;
  readonly commit: string;
  /** `<dir>/<commit>`: the tree, as apps run from it. */
  readonly root: string;
  /** Epoch milliseconds. */
  readonly madeAt: number;
  readonly files: number;
  readonly bytes: number;
  readonly build: ReleaseBuild | null;
  readonly warnings: readonly string[];
}

export interface ReleaseBuild {
  readonly command: readonly string[];
  readonly durationMs: number;
  /** File with what it wrote; it goes with the release. */
  readonly output: string;
}

/** One that was made, and then changed by somebody. */
export interface EditedFile {
  /** Relative to the root. */
  readonly path: string;
  readonly how: 'changed' | 'removed';
}

/** A release with the files that somebody has changed since it was made, at most 100. */
export interface EditedRelease {
  readonly commit: string;
  readonly files: readonly EditedFile[];
}

/** Of these commits of a source, those whose releases were edited by hand. `dir` as in ReleaseRequest. */
export type EditedReleases = (dir: string, commits: Iterable<string>) => Promise<readonly EditedRelease[]>;

/**
 * Checks a commit out, builds it, and gives it its name once it is durable: a crash at any moment leaves nothing, or a
 * whole release. One at a time per `dir`. A release that is there is given as it is. BUILD_FAILED with the last lines
 * (and `output`, the file with all), RELEASE_UNSAFE, RELEASE_FAILED.
 */
export type MakeRelease = (request: ReleaseRequest) => Promise<Result<Release, ReleaseFailure>>;

export interface ReleaseFailure extends Failure {
  /** Of a build that failed: the file with its output, kept until the next build of the source. */
  readonly output?: string;
  /** Trying the same commit again may do: a full disk, a cancelled build. Else the commit is bad. */
  readonly passing: boolean;
}

export interface RetireRequest {
  readonly dir: string;
  /** How many of the newest are kept, without the bad ones. */
  readonly keep: number;
  /** Commits that nobody goes back to: kept only while they are in use. Absent: none. */
  readonly bad?: ReadonlySet<string>;
  /** Commits that something still refers to: a desired spec, a process, lastGood. Always kept. */
  readonly inUse: ReadonlySet<string>;
}

/** Removes old releases. Gives the commits that are gone. What cannot be removed is tried again the next time. */
export type Retire = (request: RetireRequest) => Promise<readonly string[]>;
