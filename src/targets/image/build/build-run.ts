import type { Repository } from '../registry/repository.ts';
import type { ImageBuild, WantedImage } from '../wanted.ts';

/** A build or a push that takes longer is one that hangs. */
export const BUILD_MS = 3_600_000;

/** One build that is to be run. */
export interface BuildRun<B extends ImageBuild> {
  readonly build: B;
  readonly wanted: WantedImage;
  readonly target: Repository;
  /** Says what it is built from: an image that has it is not built again. */
  readonly tag: string;
  readonly env: Readonly<Record<string, string | undefined>>;
}
