import type { RepositoryOptions } from '../model.ts';
import type { Git } from '../program/git.ts';
import type { MirrorPlaces } from './mirror.ts';

/** What a fetch works with. */
export interface FetchContext extends Pick<RepositoryOptions, 'remote' | 'auth' | 'limits' | 'history'> {
  readonly git: Git;
  readonly places: MirrorPlaces;
  /** Whether all of these are here, with what they lead to. */
  readonly has: (...objects: readonly string[]) => Promise<boolean>;
}
