import { HOOK_NAMES } from '../hooks/hooks.ts';
import { PROBE_KINDS } from '../probes/network-probe.ts';
import { isPlainObject } from './shell-line.ts';

/** Where in an app a program stands with its arguments, as a list of words. `args` is told by `script`. */
export const COMMAND_PATHS: readonly (readonly string[])[] = [
  ...PROBE_KINDS.map((probe) => [probe, 'exec', 'command']),
  ...HOOK_NAMES.map((hook) => ['hooks', hook, 'command']),
  ['shutdown', 'command'],
  ['reload', 'command'],
];

type Command = readonly unknown[];

/** An app, as a file or a spec has it, with its commands changed. What is no list there stays as it is. */
export function mapCommands<T extends object>(
  app: T,
  change: (command: Command, path: readonly string[]) => Command,
): T {
  return COMMAND_PATHS.reduce<T>((changed, path) => changedAt(changed, path, (at) => change(at, path)), app);
}

/** The command at a path; undefined: there is none. */
export function commandAt(app: unknown, path: readonly string[]): Command | undefined {
  const found = path.reduce((value, key) => (isPlainObject(value) ? value[key] : undefined), app);
  return Array.isArray(found) ? (found as Command) : undefined;
}

function changedAt<T>(value: T, [key, ...rest]: readonly string[], change: (at: Command) => Command): T {
  if (key === undefined) return Array.isArray(value) ? (change(value as Command) as T) : value;
  if (!isPlainObject(value) || !isSomething(value[key])) return value;
  return { ...value, [key]: changedAt(value[key], rest, change) };
}

function isSomething(value: unknown): boolean {
  return value !== undefined && value !== null;
}
