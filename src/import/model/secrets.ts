import { isSecretName } from '../../spec/secrets/secret-names.ts';
import { secretSpans } from '../../spec/secrets/secret-text.ts';
import { envFileLine } from '../render/env-file.ts';

type Variables = Readonly<Record<string, string>>;

/** Whether a variable is for no file that people read: by its name, or by its value (`postgres://user:password@host`). */
export function isSecretVariable(name: string, value: string): boolean {
  if (value === '') return false;
  return isSecretName(name) || secretSpans(value).length > 0;
}

/** Variables apart: those for the ecosystem file, and those for a file of their own. */
export function splitSecrets(env: Variables): { readonly env: Variables; readonly secrets: Variables } {
  const entries = Object.entries(env);
  // What a file of variables cannot hold stays where it can be said.
  const isApart = ([name, value]: readonly [string, string]): boolean =>
    isSecretVariable(name, value) && envFileLine(name, value) !== null;
  return {
    env: Object.fromEntries(entries.filter((entry) => !isApart(entry))),
    secrets: Object.fromEntries(entries.filter(isApart)),
  };
}
