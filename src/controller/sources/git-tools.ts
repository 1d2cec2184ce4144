import type { Repository, RepositoryOptions, Signers } from '../../sources/git/model.ts';
import type { EditedReleases, MakeRelease, Retire } from '../../sources/releases/model.ts';
import type { Failure } from '../../lib/failure.ts';
import type { Result } from '../../lib/result.ts';

/** What git sources are worked on with. */
export interface GitTools {
  readonly openRepository: (options: RepositoryOptions) => Repository;
  readonly readSigners: (
    declared: string | readonly string[],
    revokedFile?: string,
  ) => Promise<Result<Signers, Failure>>;
  readonly makeRelease: MakeRelease;
  readonly retire: Retire;
  readonly editedReleases: EditedReleases;
}
