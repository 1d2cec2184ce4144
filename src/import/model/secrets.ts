import { isSecretName } from '../../spec/secrets/secret-names.ts';
import { secretSpans } from '../../spec/secrets/secret-text.ts';
import { envFileLine } from '../render/env-file.ts';

type IsSecret = (name: string) => boolean;
type Variables = Readonly<Record<string, string>>;

/** Whether a variable is for no file that people read: by its name, or by its value (`postgres://user:password@host`). */
export function isSecretVariable(name: string, value: string, isSecret: IsSecret = isSecretName): boolean {
  if (value === '') return false;
  return isSecret(name) || secretSpans(value).length > 0;
}

/** Variables apart: those for the ecosystem file, and those for a file of their own. */
export function splitSecrets(
  env: Variables,
  isSecret: IsSecret = isSecretName,
): { readonly env: Variables; readonly secrets: Variables } {
  const entries = Object.entries(env);
  // What a file of variables cannot hold stays where it can be said.
  const isApart = ([name, value]: readonly [string, string]): boolean =>
    isSecretVariable(name, value, isSecret) && envFileLine(name, value) !== null;
  return {
    env: Object.fromEntries(entries.filter((entry) => !isApart(entry))),
    secrets: Object.fromEntries(entries.filter(isApart)),
  };
}
