import { LIMITS } from '../read/limits.ts';

/** What may still be read and put together for one project: the limits count over all of its files together. */
export interface Budget {
  /** Takes some of the values that are left; false, and nothing more is given, when there are not enough. */
  readonly take: (values: number) => boolean;
  /** The same for a file, with its characters. */
  readonly takeFile: (characters: number) => boolean;
  readonly isSpent: () => boolean;
}

export function createBudget(): Budget {
  let values: number = LIMITS.values;
  let files: number = LIMITS.files;
  let characters: number = LIMITS.fileBytes;
  return {
    take: (count) => {
      values -= count;
      return values >= 0;
    },
    takeFile: (length) => {
      files -= 1;
      characters -= length;
      return files >= 0 && characters >= 0;
    },
    isSpent: () => values < 0 || files < 0 || characters < 0,
  };
}
