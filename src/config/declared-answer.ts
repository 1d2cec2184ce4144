import type { Failure } from '../lib/failure.ts';
import type { ReadFrom } from '../spec/read-from/read-from.ts';
import type { ProjectSpec } from '../spec/types.ts';

/** What the program that reads ecosystem files is asked, on its standard input. */
export interface DeclareRequest {
  /** Absolute path of a file or a folder. */
  readonly file: string;
  readonly env: string | null;
  /** As the file is called in what is said of it. */
  readonly shown: string;
}

/** What it answers, on its standard output. */
export type DeclareAnswer =
  | {
      readonly ok: true;
      readonly projects: readonly ProjectSpec[];
      /** By project. */
      readonly readFrom?: Readonly<Record<string, ReadFrom>>;
      readonly warnings: readonly Failure[];
      /** Absolute paths of the files that were read. */
      readonly read: readonly string[];
    }
  | { readonly ok: false; readonly failures: readonly Failure[]; readonly read: readonly string[] };
