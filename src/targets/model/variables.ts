import { isSecretName, secretNames } from '../../spec/secrets/secret-names.ts';
import { secretSpans } from '../../spec/secrets/secret-text.ts';
import type { AppSpec } from '../../spec/types.ts';

/** Variables whose values may be shown. */
export function plainVariables(spec: AppSpec): Readonly<Record<string, string>> {
  const secrets = new Set(secretVariables(spec));
  return Object.fromEntries(Object.entries(spec.env).filter(([name]) => !secrets.has(name)));
}

/** Names of the others, sorted. Whatever is read elsewhere is taken for a secret: it was put there for a reason. */
export function secretVariables(spec: AppSpec): readonly string[] {
  const isSecret = spec.secrets.length === 0 ? isSecretName : secretNames(spec.secrets);
  const hidden = Object.entries(spec.env)
    .filter(([name, value]) => value !== '' && (isSecret(name) || secretSpans(value).length > 0))
    .map(([name]) => name);
  return [...new Set([...hidden, ...Object.keys(spec.env_from)])].sort();
}
