import type { Mention, ScriptIndex } from './javascript-index.ts';
import { child, children, keyName, type Syntax } from './parse-javascript.ts';

/** Forms around an expression that do not change its value. */
const WRAPPERS: ReadonlySet<string> = new Set([
  'AwaitExpression',
  'ChainExpression',
  'ParenthesizedExpression',
  'TSAsExpression',
  'TSNonNullExpression',
  'TSSatisfiesExpression',
  'TSTypeAssertion',
]);
const FUNCTIONS: ReadonlySet<string> = new Set([
  'ArrowFunctionExpression',
  'FunctionDeclaration',
  'FunctionExpression',
]);
/** Names, calls and the like are followed this far. */
const MAX_STEPS = 30;
/** Nodes that are looked at for one file: code can be made so that following it does not end. */
const BUDGET = 300_000;

/** What an expression of a file stands for, as far as its text shows it. Nothing is run. */
export interface ScriptValues {
  /** Objects, lists, literals: what the expression may be, the likeliest first. */
  resolve(expression: Syntax): readonly Syntax[];
  /** Where a key of an object may be written, the likeliest first. */
  find(expression: Syntax, key: string): readonly Mention[];
  /** The lists that an expression may be, item by item. */
  lists(expression: Syntax): readonly (readonly Syntax[])[];
  /** What the items of a list are made by: the result of `.map()`. */
  templates(expression: Syntax): readonly Syntax[];
}

export function scriptValues(index: ScriptIndex): ScriptValues {
  let budget = BUDGET;

  function resolve(expression: Syntax, steps = 0): readonly Syntax[] {
    budget -= 1;
    if (steps > MAX_STEPS || budget < 0) return [];
    const inner = unwrap(expression);
    if (inner === null) return [expression];
    return inner.flatMap((node) => resolve(node, steps + 1));
  }

  /** One step towards the value; null when the expression is as plain as it gets. */
  function unwrap(node: Syntax): readonly Syntax[] | null {
    if (WRAPPERS.has(node.type)) return present([child(node, 'argument') ?? child(node, 'expression')]);
    if (FUNCTIONS.has(node.type)) return returned(node);
    switch (node.type) {
      case 'Identifier':
        return named(String(node['name']));
      case 'ConditionalExpression':
        return present([child(node, 'consequent'), child(node, 'alternate')]);
      case 'LogicalExpression':
        return present([child(node, 'right'), child(node, 'left')]);
      case 'SequenceExpression':
        return children(node, 'expressions').slice(-1);
      case 'AssignmentExpression':
        return present([child(node, 'right')]);
      case 'MemberExpression':
        return member(node);
      case 'NewExpression':
        return children(node, 'arguments').toReversed();
      case 'CallExpression':
        return call(node);
      default:
        return null;
    }
  }

  function named(name: string): readonly Syntax[] | null {
    const known = index.declared.get(name);
    const members = index.members.get(name) ?? [];
    if (known === undefined && members.length === 0) return null;
    return [...(members.length === 0 ? [] : [objectOf(members)]), ...(known ?? [])];
  }

  function member(node: Syntax): readonly Syntax[] | null {
    const object = child(node, 'object');
    const key = keyName(node);
    if (object === null || key === null) return null;
    const found = find(object, key).map(({ value }) => value);
    return found.length === 0 ? null : found;
  }

  /** What a call gives: the result of a function of the file, else something made of its arguments. */
  function call(node: Syntax): readonly Syntax[] | null {
    if (mapping(node) !== null) return null;
    const callee = child(node, 'callee');
    const isLocal = callee !== null && (callee.type === 'Identifier' || FUNCTIONS.has(callee.type));
    const functions = isLocal ? resolveFunctions(callee) : [];
    if (functions.length > 0) return functions.flatMap(returned);
    // Methods of a list or an object give what they are called on: [..].filter(), Object.freeze({..}), {..}.apps.concat().
    const target = callee?.type === 'MemberExpression' ? child(callee, 'object') : null;
    const args = children(node, 'arguments').filter(({ type }) => type !== 'SpreadElement');
    return [...args.toReversed(), ...present([target])];
  }

  function resolveFunctions(callee: Syntax): readonly Syntax[] {
    const known = callee.type === 'Identifier' ? index.declared.get(String(callee['name'])) : [callee];
    return (known ?? []).filter(({ type }) => FUNCTIONS.has(type));
  }

  function find(expression: Syntax, key: string, steps = 0): readonly Mention[] {
    return resolve(expression, steps).flatMap((node) => {
      if (node.type !== 'ObjectExpression' || steps > MAX_STEPS) return [];
      return findIn(node, key, steps);
    });
  }

  /** Later properties win over earlier ones, and over what is spread before them. */
  function findIn(object: Syntax, key: string, steps: number): readonly Mention[] {
    const found: Mention[] = [];
    for (const property of children(object, 'properties').toReversed()) {
      if (property.type === 'SpreadElement') {
        const spread = child(property, 'argument');
        if (spread !== null) found.push(...find(spread, key, steps + 1));
      } else if (keyName(property) === key) {
        found.push(...mentionOf(property));
        break;
      }
    }
    return found;
  }

  function lists(expression: Syntax, steps = 0): readonly (readonly Syntax[])[] {
    if (steps > MAX_STEPS) return [];
    const name = expression.type === 'MemberExpression' ? keyName(expression) : expression['name'];
    const pushed = index.pushed.get(String(name)) ?? [];
    const plain = resolve(expression, steps)
      .filter(({ type }) => type === 'ArrayExpression')
      .map((list) => [...elements(list, steps), ...pushed]);
    return plain.length === 0 && pushed.length > 0 ? [pushed] : plain;
  }

  function elements(list: Syntax, steps: number): readonly Syntax[] {
    return children(list, 'elements').flatMap((element) => {
      const spread = element.type === 'SpreadElement' ? child(element, 'argument') : null;
      if (spread === null) return [element];
      return lists(spread, steps + 1)[0] ?? [element];
    });
  }

  function templates(expression: Syntax): readonly Syntax[] {
    return resolve(expression).flatMap((node) => {
      const spreads = children(node, 'elements').filter(({ type }) => type === 'SpreadElement');
      const inner = spreads.flatMap((spread) => templates(child(spread, 'argument') ?? spread));
      const make = mapping(node);
      if (make === null) return inner;
      const functions = FUNCTIONS.has(make.type) ? [make] : resolveFunctions(make);
      return [...functions.flatMap(returned), ...inner];
    });
  }

  return { resolve: (node) => resolve(node), find: (node, key) => find(node, key), lists, templates };
}

/** The function that makes the items: of `list.map(f)`, `list.flatMap(f)`, `Array.from(list, f)`. */
function mapping(node: Syntax): Syntax | null {
  const callee = node.type === 'CallExpression' ? child(node, 'callee') : null;
  if (callee?.type !== 'MemberExpression') return null;
  const [first, second] = children(node, 'arguments');
  const name = keyName(callee);
  if (name === 'map' || name === 'flatMap') return first ?? null;
  return name === 'from' ? (second ?? null) : null;
}

/** What a function returns. */
function returned(node: Syntax): readonly Syntax[] {
  const body = child(node, 'body');
  if (body === null) return [];
  if (body.type !== 'BlockStatement') return [body];
  const found: Syntax[] = [];
  const open = [body];
  for (let inner = open.pop(); inner !== undefined; inner = open.pop()) {
    if (inner.type === 'ReturnStatement') found.push(...present([child(inner, 'argument')]));
    const below = Object.values(inner).flatMap((value: unknown) =>
      Array.isArray(value) ? (value as readonly unknown[]) : [value],
    );
    const statements = below.filter((value): value is Syntax => isStatement(value));
    open.push(...statements.reverse());
  }
  return found;
}

function isStatement(value: unknown): boolean {
  if (typeof value !== 'object' || value === null || !('type' in value)) return false;
  return /Statement$|^SwitchCase$|^CatchClause$/.test(String(value.type));
}

export function mentionOf(property: Syntax): readonly Mention[] {
  const key = child(property, 'key');
  const value = child(property, 'value');
  return key === null || value === null ? [] : [{ key, value }];
}

/** Assignments to the members of one object, as an object. */
function objectOf(members: readonly Mention[]): Syntax {
  const properties = members.map(({ key, value }) => ({ type: 'Property', ...spanOf(key), key, value }));
  return { type: 'ObjectExpression', ...spanOf(members[0]?.key), assigned: true, properties };
}

function spanOf(node: Syntax | undefined): { readonly start: number; readonly end: number } {
  return { start: node?.start ?? 0, end: node?.end ?? 0 };
}

function present(nodes: readonly (Syntax | null)[]): readonly Syntax[] {
  return nodes.filter((node) => node !== null);
}
