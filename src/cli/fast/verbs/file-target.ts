import { NotPlain } from '../plain/not-plain.ts';

/** Stands in for `declare/file-target.ts`: a plain line has no word that can be a file. */
export function filesNamed(): null {
  return null;
}

/** Only for files; and for names that are not known, of which the full command says what may be meant. */
export function appsOfFiles(): never {
  throw new NotPlain();
}

export { appsOfFiles as declaredKeys, appsOfFiles as noSuchFile };
