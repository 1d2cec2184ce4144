/**
 * A reference that did not become a value. `required`: `${VAR:?message}` and the variable is unset or empty; `unset`:
 * `${VAR}`, which is empty then; `malformed`: it is not closed, or no name. `offset` counts from the start of the text.
 */
export interface VariableProblem {
  readonly kind: 'required' | 'unset' | 'malformed';
  readonly name: string;
  /** The text after `:?`. */
  readonly message: string;
  readonly offset: number;
}

export interface Expansion {
  readonly text: string;
  readonly problems: readonly VariableProblem[];
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
  const problems: VariableProblem[] = [];
  const expanded = text.replace(REFERENCE, (...match: readonly unknown[]) => {
    const [whole, name, operator, word] = match as readonly (string | undefined)[];
    const offset = match[4] as number;
    if (whole === '$$') return '$';
    if (name === undefined) {
      problems.push({ kind: 'malformed', name: '', message: '', offset });
      return whole ?? '';
    }
    const value = Object.hasOwn(environment, name) ? environment[name] : undefined;
    const isEmpty = value === undefined || value === '';
    if (operator === ':-') return isEmpty ? (word ?? '') : value;
    if (operator === ':?' && isEmpty) problems.push({ kind: 'required', name, message: word ?? '', offset });
    if (operator === undefined && value === undefined) {
      problems.push({ kind: 'unset', name, message: '', offset });
    }
    return value ?? '';
  });
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
