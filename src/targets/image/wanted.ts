import type { PlannedImage } from '../../api/contract/wire/plan.ts';
import type { Failure } from '../../lib/failure.ts';
import type { Result } from '../../lib/result.ts';

/** How an image is made where one does not only take the files of the folder. */
export type ImageBuild =
  | { readonly dockerfile: string; readonly context: string }
  /** Prints the reference that it has pushed, with its digest, as its last line. */
  | { readonly command: readonly string[] };

/** The image that a project has no name for, and how it is to be made. Paths are absolute. */
export interface WantedImage {
  readonly project: string;
  /** The folder of the ecosystem file. */
  readonly root: string;
  /** Where it is in the image. */
  readonly folder: string;
  /** Where it is pushed to: `registry.example.com/shop`. */
  readonly registry: string;
  /** What the files are put on. */
  readonly base: string;
  /** `linux/amd64` */
  readonly platform: string;
  readonly build: ImageBuild | null;
  /** Files that hold secrets, or that stateward writes. */
  readonly secrets: readonly string[];
}

/** How publishing is followed. */
export interface Publishing {
  readonly signal: AbortSignal;
  /** Told what happens, a line each. */
  readonly said: (line: string) => void;
}

/** An image that is known before it is there. */
export interface ChosenImage extends PlannedImage {
  /** Sees to it that it is there; gives its reference with its digest. */
  publish(how: Publishing): Promise<Result<string, Failure>>;
  /** Lets go of what was written for it. */
  close(): void;
}
