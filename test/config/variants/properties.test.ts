// What holds for all layers, whatever is in them.
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { readPlain } from '../../../src/config/read/read-plain.ts';
import { sourceFile, type SourceNode } from '../../../src/config/read/source.ts';
import { createBudget } from '../../../src/config/variants/budget.ts';
import { over, withoutNulls, type Patching } from '../../../src/config/variants/patch.ts';
import { projectFolder, type Loaded } from '../support/project-folder.ts';

type Json = null | boolean | number | string | Json[] | { [key: string]: Json };

const key = fc.constantFrom('a', 'b', 'c', 'd');
const { value: json } = fc.letrec<{ value: Json }>((tie) => ({
  value: fc.oneof(
    { maxDepth: 4 },
    fc.constantFrom<Json>(null, true, 1, 'x'),
    fc.array(tie('value'), { maxLength: 2 }),
    fc.dictionary(key, tie('value'), { maxKeys: 4 }),
  ),
}));
const map = fc.dictionary(key, json, { maxKeys: 4 });

/** RFC 7396, section 2, as it stands there. */
function mergePatch(target: Json | undefined, patch: Json): Json {
  if (!isMap(patch)) return patch;
  const result = new Map<string, Json>(isMap(target) ? Object.entries(target) : []);
  for (const [name, value] of Object.entries(patch)) {
    if (value === null) result.delete(name);
    else result.set(name, mergePatch(result.get(name), value));
  }
  return Object.fromEntries(result);
}

function isMap(value: Json | undefined): value is { [key: string]: Json } {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function patching(): Patching {
  const document = { ...sourceFile('x', null), root: readPlain(null), expands: true };
  return { document, failures: [], budget: createBudget() };
}

/** Layers over each other, and then without what is taken away. */
function laid(...layers: readonly Json[]): unknown {
  const [first, ...others] = layers.map((layer) => readPlain(layer));
  const node = others.reduce((lower, upper) => over(lower, upper, patching()), first as SourceNode);
  return ended(node);
}

/** The outermost nulls are left to who reads the settings: an app does not have these. */
function ended(node: SourceNode): unknown {
  const value = valueOf(node.kind === 'map' ? withoutNulls(node, createBudget()) : node);
  if (node.kind !== 'map') return value;
  return Object.fromEntries(Object.entries(value as object).filter(([, inner]) => inner !== null));
}

function valueOf(node: SourceNode): unknown {
  if (node.kind === 'scalar') return node.value;
  if (node.kind === 'list') return node.items.map(valueOf);
  return Object.fromEntries([...node.entries].map(([name, { value }]) => [name, valueOf(value)]));
}

/** Nulls in the lowest layer are values to RFC 7396, and nothing here. */
const whole = map.map((value) => mergePatch({}, value));

describe('a layer over another', () => {
  it('is what RFC 7396 says', () => {
    fc.assert(
      fc.property(whole, map, (target, patch) => {
        expect(laid(target, patch)).toEqual(mergePatch(target, patch));
      }),
    );
  });

  it('is the same again, however many there are: one after the other, or two as one', () => {
    fc.assert(
      fc.property(whole, map, map, (target, one, other) => {
        const [first, second, third] = [target, one, other].map((layer) => readPlain(layer));
        if (first === undefined || second === undefined || third === undefined) return;
        const left = over(over(first, second, patching()), third, patching());
        const right = over(first, over(second, third, patching()), patching());
        const ends = [left, right].map(ended);
        expect(ends[0]).toEqual(ends[1]);
        expect(ends[0]).toEqual(mergePatch(mergePatch(target, one), other));
      }),
    );
  });

  it('changes nothing when it is the same, or says nothing', () => {
    fc.assert(
      fc.property(whole, (target) => {
        expect(laid(target, target)).toEqual(target);
        expect(laid(target, {})).toEqual(target);
      }),
    );
  });
});

/** Lowest first: the table of docs/variants.md. A layer sets the variable, leaves it alone, or takes it away. */
const LAYERS = ['project', 'env_file', 'defaults', 'template', 'app', 'over', 'project_over'] as const;
const OVERLAYS = ['defaults', 'template', 'app', 'over'] as const;

type Say = 'sets' | 'nothing' | 'null';

describe('the precedence of layers', () => {
  it('is that of the table, whichever of them say something', { timeout: 60_000 }, async () => {
    const say = fc.constantFrom<Say>('sets', 'nothing', 'null');
    const layers = fc.record({
      base: fc.record(Object.fromEntries(LAYERS.map((name) => [name, say]))),
      overlay: fc.record(Object.fromEntries(OVERLAYS.map((name) => [name, say]))),
    });
    await fc.assert(
      fc.asyncProperty(layers, async ({ base, overlay }) => {
        const loaded = await load(base, overlay);
        if (!loaded.ok) throw new Error(loaded.error.map(({ message }) => message).join('\n'));
        const [app] = loaded.value.projects[0]?.apps ?? [];
        expect(app?.env['X']).toEqual(expected(base, overlay));
        // A field of its own goes by the same layers, without the environments.
        expect(app?.labels['x']).toEqual(field(base));
      }),
      { numRuns: 60 },
    );
  });
});

type Says = Readonly<Record<string, Say>>;

async function load(base: Says, overlay: Says): Promise<Loaded> {
  const env = (layer: string): string =>
    `env: { ${entry('X', layer, base[layer])} }, env_prod: { ${entry('X', `${layer}_prod`, overlay[layer])} }, labels: { ${entry('x', layer, base[layer])} }`;
  await using folder = await projectFolder({
    'base.yaml': `
project: p
env: { ${entry('X', 'project', base['project'])} }
defaults: { ${env('defaults')} }
templates: { t: { ${env('template')} } }
apps: [{ name: a, extends: t, script: ./api.js, env_file: ./x.env, ${env('app')} }]
`,
    'over.yaml': `
env: { ${entry('X', 'project_over', base['project_over'])} }
apps: { a: { ${env('over')} } }
`,
    'x.env': base['env_file'] === 'sets' ? 'X=env_file\n' : 'Y=1\n',
  });
  return await folder.load({ files: ['base.yaml', 'over.yaml'], merge: true, env: 'prod' });
}

function entry(name: string, value: string, say: Say | undefined): string {
  return say === 'sets' ? `${name}: ${value}` : say === 'null' ? `${name}: null` : '';
}

function expected(base: Says, overlay: Says): string | undefined {
  const order: readonly (readonly [string, Say | undefined])[] = [
    ['project', base['project']],
    ['project_over', base['project_over']],
    ['env_file', base['env_file'] === 'sets' ? 'sets' : 'nothing'],
    ...OVERLAYS.map((name) => [name, base[name]] as const),
    ...OVERLAYS.map((name) => [`${name}_prod`, overlay[name]] as const),
  ];
  return last(order);
}

function field(base: Says): string | undefined {
  return last(OVERLAYS.map((name) => [name, base[name]] as const));
}

/** The last one that says something; null takes away what is below. */
function last(order: readonly (readonly [string, Say | undefined])[]): string | undefined {
  const found = order.findLast(([, say]) => say === 'sets' || say === 'null');
  return found?.[1] === 'sets' ? found[0] : undefined;
}
