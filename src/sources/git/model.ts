import type { Failure } from '../../lib/failure.ts';
import type { Result } from '../../lib/result.ts';
import type { Remote } from './remote.ts';

/** What of a repository is followed. Names are as people write them: `main`, `v1.2.3`. */
export type GitRef =
  | { readonly branch: string }
  | { readonly tag: string }
  /** A range over tags that are versions, with or without a `v`: the highest one counts. */
  | { readonly semver: string }
  /** A whole hash. */
  | { readonly commit: string };

/** How this host shows the remote who it is. Paths are absolute; the files are read at each fetch. */
export type GitAuth =
  | { readonly kind: 'none' }
  /** For https. `secretFile` holds a token or a password in its first line. Absent user name: `git`. */
  | { readonly kind: 'secret'; readonly secretFile: string; readonly username?: string }
  /** For ssh. What is absent is that of the user whom the daemon runs as: its keys, its known_hosts. */
  | { readonly kind: 'ssh'; readonly keyFile?: string; readonly knownHostsFile?: string };

/** What one fetch may cost. */
export interface GitLimits {
  /** All of it, in milliseconds. */
  readonly totalMs: number;
  /** Time without any progress of git, in milliseconds. */
  readonly stallMs: number;
  /** Size of the mirror on disk. */
  readonly maxBytes: number;
}

/** Why nothing could be fetched. A reason for conditions and for how long to wait; the message is for people. */
export type FetchProblem =
  | 'no-git'
  /** Name not found, refused, reset, a server that answers with an error of its own. */
  | 'unreachable'
  /** A password is asked for, or this one is refused; or there is no such repository for us. */
  | 'auth'
  | 'host-key'
  | 'certificate'
  /** The server leads elsewhere: the address has changed. */
  | 'redirected'
  | 'stalled'
  | 'too-long'
  | 'too-big'
  /** What came is broken, or forbidden in any repository: the remote lies. */
  | 'bad-objects'
  | 'disk'
  | 'gone'
  | 'rewritten'
  | 'cancelled'
  | 'other';

/** Code FETCH_FAILED, REF_GONE (`gone`) or HISTORY_REWRITTEN (`rewritten`). */
export interface FetchFailure extends Failure {
  readonly why: FetchProblem;
  /** Of a history that was rewritten: what is there now, so that it can be shown and accepted. */
  readonly commit?: string;
}

export interface FetchRequest {
  readonly ref: GitRef;
  /**
   * The commit that was taken last, from durable state; null: none yet, or what is declared (`git`, `ref`) has changed
   * since. What is new is compared with it. One that was refused was not taken.
   */
  readonly since: string | null;
  /** Of `tag` and `semver`: the name that `since` had, so that a moved tag is told from a newer one. Absent: not known. */
  readonly sinceTag?: string | null;
  /** `allow_force_push`: a rewritten branch or a moved tag is taken, and said. */
  readonly allowRewrite: boolean;
  readonly signal?: AbortSignal;
}

/** The note of a commit, in a ref of the remote. */
export interface NoteRequest {
  readonly commit: string;
  /** Whole name, below `refs/notes/`. */
  readonly ref: string;
  readonly signal?: AbortSignal;
}

export interface NoteEdit extends NoteRequest {
  /** What is to stand there, from what does; the same text: nothing is to be done. */
  readonly edit: (text: string) => string;
  /** Who writes: the name of this host. */
  readonly by: string;
}

/** How a commit stands to the one that was taken last. */
export type HistoryStep = 'first' | 'unchanged' | 'advanced' | 'rewritten';

export interface FetchedTag {
  /** Without `refs/tags/`. */
  readonly name: string;
  /** The annotated tag's own hash, which is what can be signed; null: a lightweight tag. */
  readonly object: string | null;
}

export interface Fetched {
  readonly commit: string;
  /** The whole name of the ref (`refs/heads/main`), or the commit where that is declared. */
  readonly ref: string;
  readonly step: HistoryStep;
  /** Of `tag` and `semver`. */
  readonly tag: FetchedTag | null;
  /** The remote was asked for objects; false: all was there. */
  readonly transferred: boolean;
  /** What a person should know: the mirror was broken and made anew, and the like. */
  readonly notices: readonly string[];
}

export interface CommitDescription {
  readonly commit: string;
  /** First line of the message, without control characters, at most 200 characters. */
  readonly subject: string;
  /** `Name <mail>`, cleaned likewise. */
  readonly author: string;
  /** When it was committed, as it says itself; epoch milliseconds. */
  readonly at: number;
}

export interface TreeEntry {
  /** Relative, with slashes. */
  readonly path: string;
  readonly kind: 'file' | 'executable' | 'link' | 'submodule';
  readonly id: string;
  /** Of its content, in bytes; 0 of submodules. */
  readonly size: number;
}

/** The keys that may sign; `readSigners` makes it of what is declared. */
export interface Signers {
  /** Lines as in ssh's `allowed_signers`; empty: no ssh key is declared. */
  readonly ssh: string;
  /** OpenPGP public keys, armored or binary. */
  readonly openpgp: readonly Buffer[];
  /** A list of revoked ssh keys (KRL, or public keys one a line); absolute. */
  readonly revokedFile?: string;
}

export type VerifyRequest =
  /** The commit itself. */
  | { readonly mode: 'head'; readonly signers: Signers }
  /** The annotated tag that leads to it. */
  | { readonly mode: 'tag'; readonly signers: Signers; readonly tag: FetchedTag | null }
  /** Every commit that is in it and not in `since`, the last verified one (all, where that is not here); null: the commit alone. */
  | { readonly mode: 'all'; readonly signers: Signers; readonly since: string | null };

export interface Verified {
  /** Who signed what is checked last: the principal of an ssh key, the user id of an OpenPGP one. */
  readonly signer: string;
  /** `SHA256:…` or the fingerprint of the primary key. */
  readonly key: string;
  /** How many signatures were checked. */
  readonly checked: number;
}

/** What a release may be. */
export interface TreeBounds {
  readonly maxFiles: number;
  readonly maxBytes: number;
}

export interface Exported {
  readonly files: number;
  readonly bytes: number;
  readonly entries: readonly TreeEntry[];
  /** Submodules and Git LFS files that are left out, and the like. */
  readonly warnings: readonly string[];
}

/**
 * A mirror of one remote repository, in a folder of ours, and what is read of it. One call of `fetch` at a time; all
 * else may run beside it. Commits are whole hashes. Failures never hold a secret, and never the address with one.
 */
export interface Repository {
  /**
   * Looks up the ref at the remote, and fetches when it is new. Never touches a release or a process: a failure leaves
   * the mirror as it was, or better.
   */
  fetch(request: FetchRequest): Promise<Result<Fetched, FetchFailure>>;
  /** Removes the mirror, with all that is beside it; a fetch that goes on comes to its end first. */
  remove(): Promise<void>;
  /** Whether the objects of a commit are here, and nothing of the copy was found to be damaged since. */
  has(commit: string): Promise<boolean>;
  /** NOT_FOUND when it is not here. */
  describeCommit(commit: string): Promise<Result<CommitDescription, Failure>>;
  /**
   * Checks signatures before anything of a tree is read. Codes: NOT_SIGNED, SIGNATURE_INVALID, SIGNATURE_OTHER_USE,
   * SIGNER_UNKNOWN, SIGNER_EXPIRED, SIGNER_REVOKED: these speak of the commit. SIGNERS_UNUSABLE (of this host) and
   * FETCH_FAILED (our copy is damaged) do not: trying again may do. Keys are judged by today, not by the dates that
   * a commit gives itself.
   */
  verify(commit: string, request: VerifyRequest): Promise<Result<Verified, Failure>>;
  /** What stands in a note at the remote now; empty: nothing. */
  readNote(request: NoteRequest): Promise<Result<string, FetchFailure>>;
  /** Changes a note at the remote, beside what others write there. NOTE_NOT_PUSHED. */
  writeNote(request: NoteEdit): Promise<Result<void, Failure>>;
  /** The hash of a folder's tree or of a file ('' is the whole tree); null: it is not there. */
  treeHash(commit: string, path: string): Promise<Result<string | null, Failure>>;
  /**
   * Writes the files of a commit into a folder that is made, and must not be there. RELEASE_UNSAFE when a path, a link
   * or the size is not one that a release may have; nothing is written then. RELEASE_FAILED when the disk says no.
   */
  exportTo(
    commit: string,
    folder: string,
    bounds: TreeBounds,
    signal?: AbortSignal,
  ): Promise<Result<Exported, Failure>>;
}

export interface RepositoryOptions {
  /** The bare repository, `<home>/sources/<name>/repo.git`. Made at the first fetch; what is beside it in its folder is ours too. */
  readonly dir: string;
  readonly remote: Remote;
  readonly auth: GitAuth;
  readonly limits: GitLimits;
  /** `full` where every commit is verified: then the history must be here. `tip` begins with what is there today. */
  readonly history: 'tip' | 'full';
  /** The environment of the daemon: PATH, and proxies and certificates that it names. */
  readonly env: Readonly<Record<string, string | undefined>>;
}
