import type { App, Variables } from '../generated/ecosystem.ts';
import { isSessionVariable } from '../session-variables.ts';
import type { NormaliseContext, SpecNote } from './normalise-context.ts';

/**
 * The app's variables: those of the project, inherit_env, env_file, env and env_<name>, merged in this order. null takes a variable
 * away; numbers and booleans become text, lists and maps JSON.
 */
export function normaliseEnv(app: App, context: NormaliseContext): Readonly<Record<string, string>> {
  const env = new Map<string, string>();
  const { projectEnv = {} } = context;
  merge(env, projectEnv['env']);
  if (context.envName !== null) merge(env, overlay(projectEnv, context.envName));
  for (const name of app.inherit_env ?? []) {
    if (Object.hasOwn(context.environment, name)) put(env, name, context.environment[name]);
  }
  for (const [name, value] of Object.entries(context.envFile)) put(env, name, value);
  merge(env, app.env);
  if (context.envName !== null) merge(env, overlay(app, context.envName));
  return Object.fromEntries(env);
}

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

function merge(env: Map<string, string>, variables: Variables | undefined): void {
  for (const [name, value] of Object.entries(variables ?? {})) put(env, name, value);
}

function put(env: Map<string, string>, name: string, value: unknown): void {
  if (value === undefined || value === null) env.delete(name);
  else if (typeof value === 'string') env.set(name, value);
  else env.set(name, JSON.stringify(value));
}
