import { child, children, isSyntax, keyName, type Syntax } from './parse-javascript.ts';

/** A key that the text has, and what is written behind it. */
export interface Mention {
  readonly key: Syntax;
  readonly value: Syntax;
}

/** What a program declares, exports and writes, as far as its text shows it. */
export interface ScriptIndex {
  /** Whole exports: `module.exports = `, `export default`. The last one holds. */
  readonly roots: readonly Syntax[];
  /** `exports.apps = `, `export const apps = `. */
  readonly named: ReadonlyMap<string, Mention>;
  /** What names stand for: variables, functions, later assignments. */
  readonly declared: ReadonlyMap<string, readonly Syntax[]>;
  /** `app.script = ...`, by the name of the object. */
  readonly members: ReadonlyMap<string, readonly Mention[]>;
  /** Arguments of `.push()`, by the name of the list. */
  readonly pushed: ReadonlyMap<string, readonly Syntax[]>;
  /** Every key of the text. */
  readonly mentions: ReadonlyMap<string, readonly Mention[]>;
}

type Lists<T> = Map<string, T[]>;

function add<T>(lists: Lists<T>, name: string, item: T): void {
  const known = lists.get(name);
  if (known === undefined) lists.set(name, [item]);
  else known.push(item);
}

interface Building {
  readonly roots: Syntax[];
  readonly named: Map<string, Mention>;
  readonly declared: Lists<Syntax>;
  readonly members: Lists<Mention>;
  readonly pushed: Lists<Syntax>;
  readonly mentions: Lists<Mention>;
}

/** Looks at every node of a program once. */
export function indexScript(program: Syntax): ScriptIndex {
  const index: Building = {
    roots: [],
    named: new Map(),
    declared: new Map(),
    members: new Map(),
    pushed: new Map(),
    mentions: new Map(),
  };
  const open: Syntax[] = [program];
  for (let node = open.pop(); node !== undefined; node = open.pop()) {
    note(node, index);
    // The keys of a pattern say what is taken, not what is declared.
    if (node.type !== 'ObjectPattern') open.push(...parts(node).reverse());
  }
  return index;
}

function parts(node: Syntax): Syntax[] {
  return Object.values(node).flatMap((value: unknown) =>
    Array.isArray(value) ? value.filter(isSyntax) : isSyntax(value) ? [value] : [],
  );
}

function note(node: Syntax, index: Building): void {
  switch (node.type) {
    case 'VariableDeclarator': {
      declare(child(node, 'id'), child(node, 'init'), index);
      return;
    }
    case 'FunctionDeclaration': {
      declare(child(node, 'id'), node, index);
      return;
    }
    case 'AssignmentExpression': {
      noteAssignment(node, index);
      return;
    }
    case 'Property': {
      noteProperty(node, index);
      return;
    }
    case 'CallExpression': {
      notePush(node, index);
      return;
    }
    case 'ExportDefaultDeclaration': {
      noteRoot(child(node, 'declaration'), index);
      return;
    }
    case 'TSExportAssignment': {
      noteRoot(child(node, 'expression'), index);
      return;
    }
    case 'ExportNamedDeclaration': {
      noteNamedExports(node, index);
      return;
    }
  }
}

function declare(id: Syntax | null, value: Syntax | null, index: Building): void {
  if (id?.type === 'Identifier' && value !== null) add(index.declared, String(id['name']), value);
}

function noteRoot(value: Syntax | null, index: Building): void {
  if (value !== null) index.roots.push(value);
}

function noteAssignment(node: Syntax, index: Building): void {
  const left = child(node, 'left');
  const value = child(node, 'right');
  if (left === null || value === null) return;
  if (left.type === 'Identifier') {
    declare(left, value, index);
    return;
  }
  if (left.type !== 'MemberExpression') return;
  const name = keyName(left);
  const key = child(left, 'property');
  const object = child(left, 'object');
  if (name === null || key === null || object === null) return;
  if (isNamed(object, 'module') && name === 'exports') {
    noteRoot(value, index);
    return;
  }
  if (isNamed(object, 'exports') || isModuleExports(object)) {
    if (name === 'default') {
      noteRoot(value, index);
      return;
    }
    index.named.set(name, { key, value });
  }
  add(index.mentions, name, { key, value });
  if (object.type === 'Identifier') add(index.members, String(object['name']), { key, value });
}

function noteProperty(node: Syntax, index: Building): void {
  const name = keyName(node);
  const key = child(node, 'key');
  const value = child(node, 'value');
  if (name !== null && key !== null && value !== null) add(index.mentions, name, { key, value });
}

/** `apps.push(a, b)` and `config.apps.push(a)`: both add to what is called `apps`. */
function notePush(node: Syntax, index: Building): void {
  const callee = child(node, 'callee');
  if (callee?.type !== 'MemberExpression' || keyName(callee) !== 'push') return;
  const list = child(callee, 'object');
  const name = list?.type === 'MemberExpression' ? keyName(list) : nameOf(list);
  if (name === null) return;
  for (const item of children(node, 'arguments')) add(index.pushed, name, item);
}

function noteNamedExports(node: Syntax, index: Building): void {
  const declaration = child(node, 'declaration');
  const declarators = declaration === null ? [] : children(declaration, 'declarations');
  for (const declarator of declarators) {
    const key = child(declarator, 'id');
    const value = child(declarator, 'init');
    if (key?.type === 'Identifier' && value !== null) index.named.set(String(key['name']), { key, value });
  }
  for (const specifier of children(node, 'specifiers')) {
    const key = child(specifier, 'exported');
    const value = child(specifier, 'local');
    const name = nameOf(key);
    if (key === null || value === null || name === null) continue;
    if (name === 'default') index.roots.push(value);
    else index.named.set(name, { key, value });
  }
}

function isNamed(node: Syntax, name: string): boolean {
  return nameOf(node) === name;
}

function isModuleExports(node: Syntax): boolean {
  const object = child(node, 'object');
  return object !== null && isNamed(object, 'module') && keyName(node) === 'exports';
}

function nameOf(node: Syntax | null): string | null {
  return node?.type === 'Identifier' ? String(node['name']) : null;
}
