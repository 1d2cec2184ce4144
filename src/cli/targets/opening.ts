import type { LoadedDocument } from '../../config/load-document.ts';
import type { Failure } from '../../lib/failure.ts';
import type { Result } from '../../lib/result.ts';
import type { Target } from '../../targets/model/target.ts';
import type { CliContext } from '../session/context.ts';
import type { Variants } from '../variants/variants.ts';

/**
 * Whether it matters which image is made for projects that name none, for which their folders and a registry are read:
 * nothing is done without it, it is not waited for long and then done without, or it does not matter.
 */
export type MadeImages = 'needed' | 'wanted' | 'unneeded';

/** How files were read, so that a saved plan can read them again. */
export interface ReadHow extends Variants {
  readonly env: string | undefined;
  readonly image: string | undefined;
  readonly images: MadeImages;
}

/** Opens a target for the files that it is asked about. Throws what is wrong in the files. */
export type OpenTarget = (
  documents: readonly LoadedDocument[],
  how: ReadHow,
  context: CliContext,
) => Promise<Result<Target, Failure>>;
