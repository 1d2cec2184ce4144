import ts from 'typescript';

/** One field of a shape: whether it may be absent, and what may stand there: `string`, `null`, `"a"`, `{}`, `[]`. */
export interface Field {
  readonly optional: boolean;
  readonly kinds: readonly string[];
}

/** A shape as its fields by their paths: `` the whole, `.name` a field, `[]` an item, `.*` what any other key holds. */
export type Shape = ReadonlyMap<string, Field>;

/** Long lists of names that are contracts of their own, by what they are called in a shape. */
export type NamedLists = ReadonlyMap<string, ReadonlySet<string>>;

/** The JSON that values of some types have in common: every field of every one of them. */
export function shapeOf(types: readonly ts.Type[], checker: ts.TypeChecker, lists: NamedLists): Shape {
  const shape = new Map<string, Field>();
  visit(types, '', false);
  return shape;

  function visit(given: readonly ts.Type[], path: string, optional: boolean): void {
    const parts = given.flatMap((type) => membersOf(type));
    const objects = parts.filter((type) => isPlainObject(type));
    const items = parts.flatMap((type) =>
      isList(type) ? checker.getTypeArguments(type as ts.TypeReference) : [],
    );
    const values = parts.filter((type) => !isPlainObject(type) && !isList(type));
    const kinds = new Set(values.map((type) => kindOf(type)));
    if (objects.length > 0) kinds.add('{}');
    if (parts.some((type) => isList(type))) kinds.add('[]');
    if (kinds.has('true') && kinds.has('false')) {
      kinds.delete('true');
      kinds.delete('false');
      kinds.add('boolean');
    }
    shape.set(path, { optional, kinds: withNames([...kinds], lists) });
    if (path.split('.').length > 20) throw new Error(`the shape has no end: ${path}`);
    if (items.length > 0) visit(items, `${path}[]`, false);
    const open = objects.flatMap((type) => checker.getIndexInfosOfType(type).map((info) => info.type));
    if (open.length > 0) visit(open, `${path}.*`, true);
    const names = new Set(objects.flatMap((type) => type.getProperties().map(({ name }) => name)));
    for (const name of [...names].sort()) {
      const found = objects.map((type) => type.getProperty(name));
      const present = found.filter((property) => property !== undefined);
      const typesOf = present.map((property) => checker.getTypeOfSymbol(property));
      const mayMiss =
        present.length < objects.length ||
        present.some((property) => (property.flags & ts.SymbolFlags.Optional) !== 0) ||
        typesOf.some((type) =>
          membersOf(type, true).some((part) => (part.flags & ts.TypeFlags.Undefined) !== 0),
        );
      visit(typesOf, `${path}.${name}`, mayMiss);
    }
  }

  function membersOf(type: ts.Type, withUndefined = false): readonly ts.Type[] {
    const parts = type.isUnion() ? type.types : [type];
    return parts.filter(
      (part) => withUndefined || (part.flags & (ts.TypeFlags.Undefined | ts.TypeFlags.Void)) === 0,
    );
  }

  function isList(type: ts.Type): boolean {
    return checker.isArrayType(type) || checker.isTupleType(type);
  }

  function isPlainObject(type: ts.Type): boolean {
    return (type.flags & (ts.TypeFlags.Object | ts.TypeFlags.Intersection)) !== 0 && !isList(type);
  }

  function kindOf(type: ts.Type): string {
    if (type.isStringLiteral()) return JSON.stringify(type.value);
    if ((type.flags & (ts.TypeFlags.StringLike | ts.TypeFlags.TemplateLiteral)) !== 0) return 'string';
    return checker.typeToString(type);
  }
}

function withNames(kinds: readonly string[], lists: NamedLists): readonly string[] {
  let left = new Set(kinds);
  for (const [name, values] of lists) {
    if (left.size < values.size || ![...values].every((value) => left.has(value))) continue;
    left = new Set([name, ...[...left].filter((kind) => !values.has(kind))]);
  }
  return [...left].sort();
}

/** What is wrong with a value that should have a shape; empty: nothing. */
export function mismatches(value: unknown, shape: Shape, lists: NamedLists, path = ''): readonly string[] {
  const field = shape.get(path);
  if (field === undefined) return [`${path} is not in the shape`];
  const kinds = field.kinds.flatMap((kind) => [...(lists.get(kind) ?? [kind])]);
  if (kinds.includes('unknown')) return [];
  const kind = kindOfValue(value);
  if (!kinds.includes(kind) && !kinds.includes(JSON.stringify(value))) {
    return [`${path} is ${JSON.stringify(value)}, and should be ${field.kinds.join(' | ')}`];
  }
  if (Array.isArray(value)) return value.flatMap((item) => mismatches(item, shape, lists, `${path}[]`));
  if (typeof value !== 'object' || value === null) return [];
  const missing = [...shape].flatMap(([other, { optional }]) => {
    const name = other.startsWith(`${path}.`) ? other.slice(path.length + 1) : '';
    return optional || !/^[^.[]+$/.test(name) || name in value ? [] : [`${other} is missing`];
  });
  const fields = Object.entries(value).flatMap(([name, item]) => {
    const known = shape.has(`${path}.${name}`) ? `${path}.${name}` : `${path}.*`;
    return shape.has(known) ? mismatches(item, shape, lists, known) : [`${path}.${name} is not in the shape`];
  });
  return [...missing, ...fields];
}

function kindOfValue(value: unknown): string {
  if (value === null) return 'null';
  if (Array.isArray(value)) return '[]';
  return typeof value === 'object' ? '{}' : typeof value;
}
