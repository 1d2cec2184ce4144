/**
 * Stands in for `@oclif/core/flags` where commands are built to answer plain command lines (scripts/bundling/plain-commands.mjs): a flag
 * is what the command says of it, and `read-line.ts` reads it.
 */

/** A flag as a command declares it. */
export interface PlainFlag {
  readonly type: 'boolean' | 'option';
  readonly char?: string;
  readonly multiple?: boolean;
  readonly allowNo?: boolean;
  readonly delimiter?: string;
  readonly default?: unknown;
  readonly options?: readonly string[];
  readonly exclusive?: readonly string[];
  readonly dependsOn?: readonly string[];
  readonly integer?: { readonly min?: number; readonly max?: number };
  readonly parse?: (input: string, context: unknown, flag: { readonly name: string }) => Promise<unknown>;
}

type Declared = Omit<PlainFlag, 'type' | 'integer'>;

export function boolean(declared: Declared): PlainFlag {
  return { ...declared, type: 'boolean' };
}

export function string(declared: Declared): PlainFlag {
  return { ...declared, type: 'option' };
}

export function integer(declared: Declared & { readonly min?: number; readonly max?: number }): PlainFlag {
  return { ...declared, type: 'option', integer: declared };
}

export function option(declared: Declared): () => PlainFlag {
  return () => ({ ...declared, type: 'option' });
}

export function custom(declared: Declared): (more?: Declared) => PlainFlag {
  return (more = {}) => ({ ...declared, ...more, type: 'option' });
}
