import { describe, expect, it } from 'vitest';
import { appsOf, failuresOf, projectFolder } from './support/project-folder.ts';

const MEGABYTES = 5 * 1024 * 1024;

/** Text, and the code that it must lead to; each within the time limit of a test, and most at once. */
const HOSTILE: readonly (readonly [string, string, string, string])[] = [
  ['a file over the limit', 'x.yaml', '#'.repeat(MEGABYTES + 1), 'CONFIG_TOO_LARGE'],
  ['brackets without end in YAML', 'x.yaml', '['.repeat(MEGABYTES - 1), 'CONFIG_TOO_LARGE'],
  ['braces without end in YAML', 'x.yaml', '{a: '.repeat(1_000_000), 'CONFIG_TOO_LARGE'],
  ['brackets without end in JSON', 'x.json', '['.repeat(MEGABYTES - 1), 'CONFIG_TOO_LARGE'],
  ['dashes without end', 'x.yaml', '- '.repeat(1_000_000), 'CONFIG_TOO_LARGE'],
  ['maps 10,000 deep', 'x.json', `${'{"a":'.repeat(10_000)}1${'}'.repeat(10_000)}`, 'CONFIG_TOO_LARGE'],
  ['a million lines', 'x.yaml', `apps:\n${'- a\n'.repeat(1_000_000)}`, 'CONFIG_TOO_LARGE'],
  ['too many apps', 'x.yaml', `apps:\n${'- {script: a}\n'.repeat(10_001)}`, 'CONFIG_TOO_LARGE'],
  ['an alias of itself', 'x.yaml', 'apps: &a [*a]', 'CONFIG_SYNTAX'],
  ['an alias of nothing', 'x.yaml', 'apps: *a', 'CONFIG_SYNTAX'],
  ['a tag that nobody knows', 'x.yaml', 'apps: !!js/function "x"', 'CONFIG_SYNTAX'],
  ['a broken second document', 'x.yaml', 'apps: []\n---\napps: [\n', 'CONFIG_SYNTAX'],
  ['a wrong second document', 'x.yaml', 'apps: []\n---\nappz: []\n', 'CONFIG_MISSING_KEY'],
  ['a tab as indentation', 'x.yaml', 'apps:\n\t- script: a\n', 'CONFIG_SYNTAX'],
  ['nothing', 'x.yaml', '\n# nothing\n', 'CONFIG_MISSING_KEY'],
  ['nothing in JSON', 'x.json', ' ', 'CONFIG_MISSING_KEY'],
  ['a number', 'x.yaml', '42', 'CONFIG_WRONG_TYPE'],
  ['no apps', 'x.yaml', 'project: x', 'CONFIG_MISSING_KEY'],
  ['app for apps', 'x.yaml', 'app: []', 'CONFIG_MISSING_KEY'],
  ['a text for an app', 'x.yaml', 'apps: [a]', 'CONFIG_WRONG_TYPE'],
  ['a list for a key', 'x.yaml', 'apps:\n- script: a\n  ? [1]\n  : 2\n', 'CONFIG_UNKNOWN_KEY'],
  ['comments that never end', 'x.json', '/*'.repeat(1_000_000), 'CONFIG_SYNTAX'],
  ['quotes that never end', 'x.json', `[${'"\\"'.repeat(500_000)}`, 'CONFIG_SYNTAX'],
  ['an open list in JSON5', 'x.json', "{'apps': [}", 'CONFIG_SYNTAX'],
];

describe('a hostile file', () => {
  it.each(HOSTILE)('with %s is an error', async (_what, file, text, code) => {
    await using folder = await projectFolder({ [file]: text });
    const failures = failuresOf(await folder.load({ files: [file] }));
    expect(failures.map((failure) => failure.code)).toContain(code);
    expect(failures.length).toBeLessThanOrEqual(1000);
  });

  it('with aliases of aliases of aliases is an error', async () => {
    const names = 'a b c d e f g h i j'.split(' ');
    const lines = names.map((name, index) => {
      const inner = index === 0 ? 'x' : `*${names[index - 1] ?? ''}`;
      return `x-${name}: &${name} [${Array.from({ length: 9 }, () => inner).join(', ')}]`;
    });
    await using folder = await projectFolder({
      'x.yaml': `${lines.join('\n')}\napps: [{script: ./api.js, args: *j}]`,
    });
    expect(failuresOf(await folder.load({ files: ['x.yaml'] }))).toMatchObject([
      { code: 'CONFIG_TOO_LARGE' },
    ]);
  });

  it.each([
    ['x.yaml', 'apps:\n- script: ./api.js\n  env: { __proto__: { polluted: 1 } }\n'],
    ['x.yaml', 'x-a: &a { __proto__: { polluted: 1 } }\napps:\n- { <<: *a, script: ./api.js }\n'],
    ['x.json', '{"__proto__": {"polluted": 1}, "apps": []}'],
    ['x.json', '{"apps": [{"script": "./api.js", "env": {"constructor": "x"}}]}'],
    ['x.yaml', 'apps: { prototype: { script: ./api.js } }'],
  ])('in %s that reaches for a prototype is refused: %s', async (file, text) => {
    await using folder = await projectFolder({ [file]: text });
    expect(failuresOf(await folder.load({ files: [file] }))).toMatchObject([{ code: 'CONFIG_UNKNOWN_KEY' }]);
    expect(({} as { polluted?: unknown }).polluted).toBeUndefined();
  });

  it('that is not UTF-8 is an error, and one with a byte order mark is not', async () => {
    await using folder = await projectFolder({ 'x.yaml': '\uFEFFapps: [{script: ./api.js}]\r\n' });
    expect(appsOf(await folder.load({ files: ['x.yaml'] }))).toHaveLength(1);
    const { writeFile } = await import('node:fs/promises');
    await writeFile(`${folder.path}/x.yaml`, Buffer.from([0xff, 0xfe, 0x41]));
    expect(failuresOf(await folder.load({ files: ['x.yaml'] }))).toMatchObject([{ code: 'CONFIG_SYNTAX' }]);
  });

  it('with hundreds of legitimate merges is not a bomb', async () => {
    const apps = Array.from({ length: 2000 }, (_, n) => `- { <<: *d, name: a${n}, script: ./api.js }`).join(
      '\n',
    );
    await using folder = await projectFolder({ 'x.yaml': `x-d: &d { env: { A: 1 } }\napps:\n${apps}\n` });
    expect(appsOf(await folder.load({ files: ['x.yaml'] }))).toHaveLength(2000);
  });

  it('with more apps than anybody has, all of them wrong, is told of that in linear time', async () => {
    await using folder = await projectFolder({ 'x.yaml': `apps: [${'{a: 1},'.repeat(100_000)}]` });
    expect(failuresOf(await folder.load({ files: ['x.yaml'] }))).toMatchObject([
      { code: 'CONFIG_TOO_LARGE', message: 'the file has more than 10000 apps' },
    ]);
  });

  it('with keys that are twice everywhere is read in linear time', async () => {
    const keys = Array.from({ length: 50_000 }, (_, n) => `    K${n % 25_000}: 1`).join('\n');
    await using folder = await projectFolder({ 'x.yaml': `apps:\n- script: ./api.js\n  env:\n${keys}\n` });
    const failures = failuresOf(await folder.load({ files: ['x.yaml'] }));
    expect(failures).toHaveLength(1000);
    expect(failures[0]).toMatchObject({ code: 'CONFIG_DUPLICATE_KEY' });
  });
});
