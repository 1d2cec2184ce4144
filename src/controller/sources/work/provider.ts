import type { Failure } from '../../../lib/failure.ts';
import type { Result } from '../../../lib/result.ts';
import type { ProjectOrigin } from '../../../spec/types.ts';
import type { EditedRelease } from '../../../sources/releases/model.ts';
import type { HostWord } from '../../../sources/model/host-word.ts';
import type { SourceRecord, StageName, Version } from '../../../sources/model/record.ts';
import type { NewRelease } from './keep-unchanged.ts';
import type { HookFailure, HookName } from './run-hook.ts';
import type { Looker } from '../looks/look.ts';

/** Where a version can be read. */
export interface Prepared {
  /** Absolute path of the ecosystem file, or of a folder with some. */
  readonly file: string;
  /** null: what is declared lies where it is. */
  readonly release: NewRelease | null;
  readonly origin: ProjectOrigin;
}

/** Why a version does not get on. */
export interface Refusal {
  readonly stage: StageName;
  readonly failures: readonly [Failure, ...Failure[]];
  /** It may be otherwise without a newer version: it is tried again. */
  readonly passes: boolean;
}

/** What sources of one kind do differently. */
export interface Provider extends Looker {
  /** Stages that a version of this kind goes through. */
  readonly stages: readonly StageName[];
  /** See Polled. */
  readonly longestWaitMs: number;
  /** Makes a version ready to be read; tells of stages that it has passed. `signal` ends it, without anything left. */
  prepare(
    record: SourceRecord,
    version: Version,
    passed: (stage: StageName, message: string) => void,
    signal?: AbortSignal,
  ): Promise<Result<Prepared, Refusal>>;
  /** Runs a command around a version. Gives why it has failed; null: it ended well, or there is none. */
  hook(name: HookName, version: string, signal?: AbortSignal): Promise<HookFailure | null>;
  /** Tells hosts that wait for this one what has become of a version. Gives why it cannot; null: it did. */
  announce(version: string, word: HostWord): Promise<Failure | null>;
  /** What somebody has changed where apps run from. */
  edited(record: SourceRecord): Promise<readonly EditedRelease[]>;
  /** Ends builds and commands that a daemon that has died left running. Called before anything else. */
  endLeft(): Promise<void>;
  /** Removes what is of no use any more. Called when nothing is under way. */
  tidy(record: SourceRecord): Promise<void>;
  /** The source is not declared any more: removes its copy, and what nothing that it has declared runs from. */
  forget(record: SourceRecord): Promise<void>;
  /** Ends what goes on. */
  close(): void;
}
