import { denormaliseApp } from '../../spec/normalise/denormalise.ts';
import { redactSpec } from '../../spec/secrets/redact.ts';
import { secretNames } from '../../spec/secrets/secret-names.ts';
import { sameValue } from '../../lib/values/same-value.ts';
import type { AppSpec } from '../../spec/types.ts';
import type { ImportedApp, Note } from '../model/imported.ts';
import { splitSecrets } from '../model/secrets.ts';

/** Where secrets of a spec may stand: apart from the file, or in it, as everything else. */
export type SecretsPlace = 'apart' | 'in-file';

/** A spec as an app of a file that means the same: applied, it changes nothing. */
export function exportedApp(spec: AppSpec, notes: readonly Note[], place: SecretsPlace): ImportedApp {
  const { name: _name, env: _env, ...fields } = denormaliseApp(spec);
  const split =
    place === 'apart' ? splitSecrets(spec.env, secretNames(spec.secrets)) : { env: spec.env, secrets: {} };
  return {
    name: spec.name,
    fields: { ...fields, ...(Object.keys(split.env).length > 0 && { env: split.env }) },
    notes,
    secrets: split.secrets,
  };
}

/** Whether a spec holds secrets elsewhere than in its variables: in arguments, labels, a probe. */
export function hasSecretsBeside(spec: AppSpec): boolean {
  const rest = { ...spec, env: {} };
  return !sameValue(redactSpec(rest), rest);
}
