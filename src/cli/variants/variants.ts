import { REDACTED } from '../../spec/secrets/redact.ts';
import { isSecretName } from '../../spec/secrets/secret-names.ts';
import type { ProjectSource } from '../../spec/types.ts';
import { usageError } from '../session/failures.ts';

/** `fileFlags`, as parsed, but for the files themselves. */
export interface FileFlags {
  readonly env: string | undefined;
  readonly merge: boolean;
  readonly var: readonly string[] | undefined;
}

/** How files are read. */
export interface Variants {
  readonly merge: boolean;
  /** By name, as texts. */
  readonly vars: Readonly<Record<string, string>>;
}

/** What the flags say. Throws where they say nothing that makes sense. */
export function variantsOf(
  flags: Pick<FileFlags, 'merge' | 'var'>,
  files: readonly string[] | undefined,
): Variants {
  if (flags.merge && (files === undefined || files.length === 0)) {
    throw usageError(
      '--merge lays files over each other, and none is named',
      'name them: -f BASE -f OVER --merge',
    );
  }
  const pairs = (flags.var ?? []).map((text) => {
    const [, name, value] = /^([^=]+)=([^]*)$/.exec(text) ?? [];
    if (name === undefined || value === undefined) {
      throw usageError(
        `--var ${text}: there is no ${text.startsWith('=') ? 'name' : 'value'}`,
        'write --var NAME=VALUE',
      );
    }
    return [name, value] as const;
  });
  return { merge: flags.merge, vars: Object.fromEntries(pairs) };
}

/** The variables that a project was applied with and that nobody has kept, because they are secret. */
export function secretVars({ vars = {} }: ProjectSource): readonly string[] {
  return Object.keys(vars).filter((name) => vars[name] === REDACTED);
}

/** The same as words of a command line, for the history; `secrets`: names of variables whose values are left out. */
export function variantWords({ merge, vars }: Variants, secrets: ReadonlySet<string>): string {
  const given = Object.entries(vars).map(
    ([name, value]) => ` --var ${name}=${isSecretName(name) || secrets.has(name) ? REDACTED : value}`,
  );
  return `${merge ? ' --merge' : ''}${given.join('')}`;
}
