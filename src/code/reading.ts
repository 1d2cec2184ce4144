import type { AppKey } from '../lib/app-key.ts';
import type { CodeIdentity } from '../plan/model/code.ts';
import type { AppSpec } from '../spec/types.ts';

/** An app whose code is to be read. */
export interface CodeRequest {
  readonly key: AppKey;
  readonly spec: AppSpec;
  /** The ecosystem files that declare it. */
  readonly files: readonly string[];
}

/** What the code of an app is. */
export interface CodeReading {
  readonly identity: CodeIdentity;
  /** Content by path, relative to the work tree or to the folder of the app. */
  readonly files: ReadonlyMap<string, string>;
  /** Real path of the script or of the folder; empty: of neither. */
  readonly place: string;
  /** What was not compared, and why; null: nothing. */
  readonly leftOut: string | null;
  /** Where the file has no code compared: what `code: auto` finds. It is shown, and nothing follows from it. */
  readonly aside?: CodeReading;
  /** Where a reload has the app read files again: those. */
  readonly read?: CodeReading;
}

/** Why nothing is known of the code of an app. */
export interface CodeUnknown {
  readonly unknown: string;
}

export type CodeResult = CodeReading | CodeUnknown;
