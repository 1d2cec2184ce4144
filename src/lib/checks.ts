/** Looks at one value of a request: null when it is as it must be, else what is wrong with it, with its path. */
export type Check = (value: unknown, path: string) => string | null;

/** One check per field of a type: a field that is forgotten here does not compile. */
export type Shape<T> = { readonly [K in keyof T]-?: Check };

export const isText: Check = (value, path) => (typeof value === 'string' ? null : `${path} must be a string`);

export const isFlag: Check = (value, path) =>
  typeof value === 'boolean' ? null : `${path} must be true or false`;

/** A finite number that is not negative: a size, a duration, a time. */
export const isAmount: Check = (value, path) =>
  typeof value === 'number' && Number.isFinite(value) && value >= 0 ? null : `${path} must be a number >= 0`;

export function isInteger(min: number, max: number = Number.MAX_SAFE_INTEGER): Check {
  return (value, path) =>
    typeof value === 'number' && Number.isSafeInteger(value) && value >= min && value <= max
      ? null
      : `${path} must be a whole number from ${min} to ${max}`;
}

/** What can be a name: not empty, not long, no slash, no control character, no `.` or `..`. */
export const isName: Check = (value, path) => {
  const text = typeof value === 'string' ? value : '';
  const bad = text === '' || text.length > 255 || text === '.' || text === '..';
  return bad || /[/\p{Cc}]/u.test(text) ? `${path} must be a name without slashes` : null;
};

export function isOneOf(...values: readonly unknown[]): Check {
  return (value, path) =>
    values.includes(value)
      ? null
      : `${path} must be one of ${values.map((one) => JSON.stringify(one)).join(', ')}`;
}

export function nullable(check: Check): Check {
  return (value, path) => (value === null ? null : check(value, path));
}

export function optional(check: Check): Check {
  return (value, path) => (value === undefined ? null : check(value, path));
}

/** A check that is made when it is used first: most programs that know of it never check. */
export function lazily(make: () => Check): Check {
  let check: Check | undefined;
  return (value, path) => (check ??= make())(value, path);
}

/** The first that holds wins; else what the last one says. */
export function anyOf(...checks: readonly Check[]): Check {
  return (value, path) => {
    let problem: string | null = `${path} is not allowed`;
    for (const check of checks) {
      problem = check(value, path);
      if (problem === null) return null;
    }
    return problem;
  };
}

export function listOf(check: Check): Check {
  return (value, path) => {
    if (!Array.isArray(value)) return `${path} must be a list`;
    for (const [index, item] of value.entries()) {
      const problem = check(item, `${path}[${index}]`);
      if (problem !== null) return problem;
    }
    return null;
  };
}

export function mapOf(check: Check): Check {
  return (value, path) => {
    if (!isObject(value)) return `${path} must be an object`;
    for (const [key, item] of Object.entries(value)) {
      const problem = check(item, `${path}.${key}`);
      if (problem !== null) return problem;
    }
    return null;
  };
}

/** An object with these fields and no others. */
export function objectOf<T>(shape: Shape<T>): Check {
  const checks = Object.entries<Check>(shape);
  const known = new Set(checks.map(([key]) => key));
  return (value, path) => {
    if (!isObject(value)) return `${path} must be an object`;
    for (const key of Object.keys(value)) {
      if (!known.has(key)) return `${path}.${key} is unknown`;
    }
    for (const [key, check] of checks) {
      const field = Object.hasOwn(value, key) ? value[key] : undefined;
      const problem = check(field, `${path}.${key}`);
      if (problem !== null) return problem;
    }
    return null;
  };
}

export function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** Two items with one name are a problem. */
export function findDuplicate<K extends string>(
  items: readonly Readonly<Record<K, string>>[],
  key: K,
  path: string,
): string | null {
  const seen = new Set<string>();
  for (const item of items) {
    if (seen.has(item[key])) return `${path} has ${JSON.stringify(item[key])} twice`;
    seen.add(item[key]);
  }
  return null;
}
