import type { ChangeClass } from './types.ts';

/** What the schema says of one field of the ecosystem file. */
export interface Field {
  /** The type in words: `duration`, `text or list of text`. */
  readonly type: string;
  /** What a change of it costs. */
  readonly class: ChangeClass;
  readonly unit: string | null;
  /** Other names that are accepted, PM2's and camelCase. */
  readonly aliases: readonly string[];
  /** Why it is accepted without a meaning; null: it has one. */
  readonly inert: string | null;
  /** As written in a file; null: none, or it depends (see `FieldText`). */
  readonly default: unknown;
  /** The values that it can have, where it is one of a few. */
  readonly values: readonly string[] | null;
}

/** What people read about a field. Apart from the rest: most programs never say it. */
export interface FieldText {
  /** The default in words where it is not a constant. */
  readonly defaultText: string | null;
  readonly description: string;
  readonly examples: readonly unknown[];
}

/** A field of which little is to be said. */
export function field(
  type: string,
  changeClass: ChangeClass,
  more: Partial<Omit<Field, 'type' | 'class'>> = {},
): Field {
  return {
    type,
    class: changeClass,
    unit: null,
    aliases: [],
    inert: null,
    default: null,
    values: null,
    ...more,
  };
}
