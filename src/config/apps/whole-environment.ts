import { isBaseName } from '../../spec/environment/base-env-names.ts';
import type { App } from '../../spec/generated/ecosystem.ts';
import type { SpecNote } from '../../spec/normalise/normalise-context.ts';
import { isSessionVariable } from '../../spec/environment/session-variables.ts';
import { isPlain, type Plain } from '../shape/root-form.ts';

type Environment = Readonly<Record<string, string | undefined>>;

/** Nobody writes these by hand with the values that they have in his own shell. */
const TELLING = ['_', 'SHLVL', 'PWD', 'OLDPWD'];
const LEAST_COPIED = 5;
const SHARE_COPIED = 0.6;
const NAMES_SHOWN = 5;

/**
 * `env: {...process.env}` of a JavaScript file: what belongs to the session of whoever typed the command is left out,
 * so that another shell is not a change of the app; the rest is taken as it is declared, with a warning.
 */
export function withoutSession(
  app: App,
  environment: Environment,
): { readonly app: App; readonly notes: readonly SpecNote[] } {
  const maps = Object.entries(app).filter(
    (entry): entry is [string, Plain] => /^env(?:_(?!file$)|$)/.test(entry[0]) && isPlain(entry[1]),
  );
  const spread = maps.filter(([, variables]) => isSpread(variables, environment));
  if (spread.length === 0) return { app, notes: [] };
  const cleaned = spread.map(([field, variables]) => [
    field,
    Object.fromEntries(
      Object.entries(variables).filter(
        ([name, value]) => !(isSessionVariable(name) && environment[name] === value),
      ),
    ),
  ]);
  return {
    app: { ...app, ...(Object.fromEntries(cleaned) as Partial<App>) },
    notes: spread.map(([field, variables]) => note(field, copied(variables, environment))),
  };
}

function isSpread(variables: Plain, environment: Environment): boolean {
  const names = copied(variables, environment);
  if (TELLING.filter((name) => names.includes(name)).length >= 2) return true;
  return names.length >= LEAST_COPIED && names.length >= Object.keys(environment).length * SHARE_COPIED;
}

function copied(variables: Plain, environment: Environment): readonly string[] {
  return Object.keys(variables).filter(
    (name) => environment[name] !== undefined && environment[name] === variables[name],
  );
}

function note(field: string, names: readonly string[]): SpecNote {
  const kept = names.filter((name) => !isSessionVariable(name));
  const own = kept.filter((name) => !isBaseName(name)).sort();
  const example = own.slice(0, NAMES_SHOWN).join(', ') + (own.length > NAMES_SHOWN ? ', ...' : '');
  return {
    level: 'warning',
    code: 'CONFIG_WHOLE_ENVIRONMENT',
    path: [field],
    message:
      `holds the environment of this command (...process.env), ${kept.length} variables: all of them are kept with the app, ` +
      'and a shell in which one of them differs rolls it; what belongs to the session (SHLVL, PWD, SSH_* ...) is left out',
    hint: `name what the app needs instead: \`inherit_env: [${example}]\`; PATH, HOME and the like it has anyway`,
  };
}
