import { usageError } from '../../session/failures.ts';

/** What is read of a flag's declaration here. */
export interface FlagShape {
  readonly type: string;
  readonly char?: string | undefined;
  readonly aliases?: readonly string[] | undefined;
  readonly allowNo?: boolean;
}

/** Whether a flag, as typed, is one of these, and takes a value; undefined: it is none of them. */
export function ownFlag(
  typed: string,
  flags: Readonly<Record<string, FlagShape>>,
): 'value' | 'none' | undefined {
  const name = typed.replace(/^--(no-)?/, '');
  const found = Object.entries(flags).find(([long, { char, aliases = [] }]) =>
    typed.startsWith('--') ? long === name || aliases.includes(name) : typed === `-${char ?? ''}`,
  );
  if (found === undefined) return undefined;
  return found[1].type === 'boolean' ? 'none' : 'value';
}

/** false for every boolean flag: oclif types them so, but leaves those out that were not given. */
export function unsetBooleans(
  flags: Readonly<Record<string, { readonly type: string }>>,
): Record<string, false> {
  const names = Object.keys(flags).filter((name) => flags[name]?.type === 'boolean');
  return Object.fromEntries(names.map((name) => [name, false]));
}

/** `--prune=false` as `--no-prune`, which is the one form that oclif knows. */
export function expandBooleans(
  argv: readonly string[],
  flags: Readonly<Record<string, FlagShape>>,
): string[] {
  return argv.map((argument) => {
    const [, name = '', value = ''] = /^--([a-z-]+)=(.*)$/.exec(argument) ?? [];
    const flag = flags[name];
    if (flag?.type !== 'boolean') return argument;
    if (value === 'true') return `--${name}`;
    if (value === 'false' && flag.allowNo === true) return `--no-${name}`;
    throw usageError(`--${name} takes true or false, not ${JSON.stringify(value)}`);
  });
}
