/** A variable that must be set and is not. `offset` counts from the start of the text. */
export interface UnsetVariable {
  readonly name: string;
  /** The text after `:?`, or null for a reference that is not closed. */
  readonly message: string | null;
  readonly offset: number;
  readonly length: number;
}

export interface Expansion {
  readonly text: string;
  readonly problems: readonly UnsetVariable[];
}

const REFERENCE = /\$\$|\$\{([A-Za-z_][A-Za-z0-9_]*)(?:(:-|:\?)([^}]*))?\}|\$\{/g;

/**
 * Expands `${VAR}` (empty when unset), `${VAR:-default}`, `${VAR:?message}` (a problem when unset or empty) and `$$`
 * (one `$`). Nothing is executed, and what was put in is not expanded again.
 */
export function expandVariables(
  text: string,
  environment: Readonly<Record<string, string | undefined>>,
): Expansion {
  if (!text.includes('$')) return { text, problems: [] };
  const problems: UnsetVariable[] = [];
  const expanded = text.replace(
    REFERENCE,
    (match: string, name: string | undefined, operator: string | undefined, word: string, offset: number) => {
      if (match === '$$') return '$';
      if (name === undefined) {
        problems.push({ name: '', message: null, offset, length: match.length });
        return match;
      }
      const value = Object.hasOwn(environment, name) ? environment[name] : undefined;
      if (operator === ':-') return value === undefined || value === '' ? word : value;
      if (operator === ':?' && (value === undefined || value === '')) {
        problems.push({ name, message: word, offset, length: match.length });
      }
      return value ?? '';
    },
  );
  return { text: expanded, problems };
}

/**
 * The value with every text written so that `expandVariables` gives it back: what to do with a spec before it is
 * printed as an ecosystem file.
 */
export function escapeVariables(value: unknown): unknown {
  if (typeof value === 'string') return value.replace(/\$(?=[${])/g, '$$$$');
  if (Array.isArray(value)) return value.map(escapeVariables);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, escapeVariables(inner)]));
}
