import type { App, Variables } from '../generated/ecosystem.ts';
import { isSessionVariable } from '../environment/session-variables.ts';
import type { VariableSource } from '../secrets/variable-source.ts';
import type { AppSpec } from '../types.ts';
import { readSource } from './normalise-sources.ts';
import type { NormaliseContext, SpecNote } from './normalise-context.ts';

/** The variables of an app: those with a value, and those whose value is read when a process starts. */
export interface NormalisedEnv {
  readonly env: Readonly<Record<string, string>>;
  readonly sources: AppSpec['env_from'];
}

/**
 * The app's variables: those of the project, inherit_env, env_file, env and env_<name>, merged in this order. null takes a variable
 * away; numbers and booleans become text, lists and maps JSON, and a map with `from_...` a source.
 */
export function normaliseEnv(app: App, context: NormaliseContext): NormalisedEnv {
  const env: Merged = new Map();
  const { projectEnv = {} } = context;
  const add = (variables: Variables | undefined): void => merge(env, variables, context);
  add(projectEnv['env']);
  if (context.envName !== null) add(overlay(projectEnv, context.envName));
  for (const name of app.inherit_env ?? []) {
    if (Object.hasOwn(context.environment, name)) put(env, name, context.environment[name]);
  }
  for (const [name, value] of Object.entries(context.envFile)) put(env, name, value);
  add(app.env);
  if (context.envName !== null) add(overlay(app, context.envName));
  const texts = [...env].flatMap(([name, value]) =>
    typeof value === 'string' ? [[name, value] as const] : [],
  );
  const sources = [...env].flatMap(([name, value]) =>
    typeof value === 'string' ? [] : [[name, value] as const],
  );
  return { env: Object.fromEntries(texts), sources: Object.fromEntries(sources) };
}

type Merged = Map<string, string | VariableSource>;

/** Variables of the session that are asked for by name: they are taken, and differ from shell to shell. */
export function envNotes({ inherit_env = [] }: App): readonly SpecNote[] {
  const names = inherit_env.filter(isSessionVariable);
  if (names.length === 0) return [];
  const message = `${names.join(', ')} differ${names.length === 1 ? 's' : ''} from shell to shell: applying from another one rolls the app`;
  const hint = 'leave it out, or write the value in `env`';
  return [{ level: 'warning', code: 'CONFIG_SESSION_VARIABLE', path: ['inherit_env'], message, hint }];
}

/** The variables of `env_<name>`, or undefined when the app has none. */
export function overlay(app: object, name: string): Variables | undefined {
  const key = `env_${name}`;
  if (key === 'env_file' || !Object.hasOwn(app, key)) return undefined;
  return (app as Readonly<Record<string, Variables>>)[key];
}

function merge(env: Merged, variables: Variables | undefined, context: NormaliseContext): void {
  for (const [name, value] of Object.entries(variables ?? {})) {
    const source = readSource(value, context);
    if (source === null) put(env, name, value);
    else env.set(name, source);
  }
}

function put(env: Merged, name: string, value: unknown): void {
  if (value === undefined || value === null) env.delete(name);
  else if (typeof value === 'string') env.set(name, value);
  else env.set(name, JSON.stringify(value));
}
