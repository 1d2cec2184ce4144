import type { Field, NamedLists, Shape } from './shape.ts';

/** Every shape by its name. */
export type Shapes = ReadonlyMap<string, Shape>;

/** What of a contract has changed, in lines for people. */
export interface ContractDiff {
  /** Others break over it: what is gone, is of another type, may be absent now, or has become due. */
  readonly broken: readonly string[];
  /** Allowed: new fields, endpoints, outputs, names. */
  readonly added: readonly string[];
}

/** Specs of older commands lack the newer fields; the daemon puts their defaults there. */
const COMPLETED = '.projects[].apps[].';

const HEAD = `# Every shape of the API and of -o json, a field a line; a question mark: it may be absent.
# test/shapes/shapes.test.ts compares it with the types of the code, and says how a field is added.
`;

/** The text of a snapshot. A shape that equals one before it is named after that. */
export function printShapes(shapes: Shapes, lists: NamedLists): string {
  const known = new Map<string, string>();
  const blocks = [...shapes].map(([name, shape]) => {
    const lines = [...shape].map(([path, field]) => `${path === '' ? '.' : path}${fieldText(field)}`);
    const text = lines.join('\n');
    const same = known.get(text);
    if (same === undefined) known.set(text, name);
    return `## ${name}\n${same === undefined || lines.length < 3 ? text : `= ${same}`}\n`;
  });
  const names = [...lists].map(([name, values]) => `## ${name}\n${[...values].sort().join('\n')}\n`);
  return [HEAD, ...blocks, ...names].join('\n');
}

function fieldText({ optional, kinds }: Field): string {
  return `${optional ? '?' : ''}: ${kinds.join(' | ')}`;
}

/** Reads a snapshot: the lines of every block by its name. */
function readBlocks(text: string): ReadonlyMap<string, ReadonlyMap<string, string>> {
  const blocks = new Map<string, ReadonlyMap<string, string>>();
  for (const block of text.split(/^## /m).slice(1)) {
    const [name = '', ...lines] = block.trimEnd().split('\n');
    const [first = ''] = lines;
    const same = first.startsWith('= ') ? blocks.get(first.slice(2)) : undefined;
    const own = lines.map((line): [string, string] => {
      const [, path = line, rest = ''] = /^(\S*?)(\??: .*)$/.exec(line) ?? [];
      return [path, rest];
    });
    blocks.set(name, same ?? new Map(own));
  }
  return blocks;
}

/** Compares two snapshots. */
export function compareSnapshots(before: string, now: string): ContractDiff {
  const broken: string[] = [];
  const added: string[] = [];
  const [blocksBefore, blocksNow] = [readBlocks(before), readBlocks(now)];
  for (const [name, fields] of blocksBefore) {
    const present = blocksNow.get(name);
    if (present === undefined) broken.push(`${name} is gone`);
    for (const [path, text] of present === undefined ? [] : fields) {
      const other = present?.get(path);
      if (other === undefined) broken.push(`${name} ${path} is gone`);
      else if (other !== text) {
        const verdict = isWidened(text, other, name.endsWith('>')) ? added : broken;
        verdict.push(`${name} ${path}${text} has become ${other.replace(/^\?/, 'absent at times')}`);
      }
    }
  }
  for (const [name, fields] of blocksNow) {
    const past = blocksBefore.get(name);
    if (past === undefined) added.push(`${name} is new`);
    for (const [path, text] of past === undefined ? [] : fields) {
      if (past?.has(path) === true) continue;
      // A command of before does not send it.
      const isDue =
        name.endsWith('>') && text.startsWith(':') && !path.startsWith(COMPLETED) && !isBelowNew(path, past);
      (isDue ? broken : added).push(`${name} ${path}${text} is new`);
    }
  }
  return { broken, added };
}

/** Whether what a field hangs on is new itself, or may be absent. */
function isBelowNew(path: string, past: ReadonlyMap<string, string> | undefined): boolean {
  const parent = path.replace(/(\.[^.[]+|\[\])$/, '') || '.';
  return past?.has(parent) !== true;
}

/** Whether a change takes nothing from who relies on it: more names of a closed list, or more that is taken. */
function isWidened(before: string, now: string, isRequest: boolean): boolean {
  const [was, is] = [read(before), read(now)];
  if (was.kinds.some((kind) => !is.kinds.includes(kind))) return false;
  const more = is.kinds.filter((kind) => !was.kinds.includes(kind));
  if (isRequest) return is.optional || !was.optional;
  return (was.optional || !is.optional) && more.every((kind) => kind.startsWith('"'));
}

function read(text: string): Field {
  return { optional: text.startsWith('?'), kinds: text.replace(/^\??: /, '').split(' | ') };
}
