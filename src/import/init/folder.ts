/** What a look into a folder tells. Paths are relative to it. */
export interface Folder {
  /** Its own name. */
  readonly name: string;
  readonly isFile: (path: string) => boolean;
  /** null: it is not there, or cannot be read. */
  readonly read: (path: string) => string | null;
}

/** One thing in a folder that can be run, and where that was seen. */
export interface Runnable {
  readonly name: string;
  readonly fields: Readonly<Record<string, unknown>>;
  readonly env: Readonly<Record<string, string>>;
  /** Why it is this, for a comment. */
  readonly seen: string;
  /** What has to be done first, or differs; null: nothing. */
  readonly note: string | null;
  /** Whether it is a Node program that can share a port between instances. */
  readonly isNode: boolean;
}
