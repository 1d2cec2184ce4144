// `/*>*/` in a text marks the place that an error about the file must point at.
import { beforeAll, describe, expect, it } from 'vitest';
import type { Failure } from '../../src/lib/failure.ts';
import { bundle } from '../support/bundle.ts';
import { failuresOf, projectFolder } from './support/project-folder.ts';

const MARK = '/*>*/';

let jsEvaluatorPath: string;
beforeAll(async () => {
  jsEvaluatorPath = await bundle('src/config/evaluate/main.ts');
});

type Files = Readonly<Record<string, string>>;

async function failures(text: string, file: string, more: Files = {}): Promise<readonly Failure[]> {
  await using folder = await projectFolder({ [file]: text, ...more });
  return failuresOf(await folder.load({ files: [file], jsEvaluatorPath }));
}

function placeOf({ position }: Failure): string {
  return `${position?.line ?? '-'}:${position?.column ?? '-'}`;
}

/** The places behind the marks, in the order of the text. */
function marks(text: string): readonly string[] {
  return [...text.matchAll(/\/\*>\*\//g)].map(({ index }) => {
    const before = text.slice(0, index + MARK.length).split('\n');
    return `${before.length}:${(before.at(-1) ?? '').length + 1}`;
  });
}

describe('a mistake in a JavaScript file has the place of its key or value', () => {
  it.each([
    ['an object', "module.exports = {\n  apps: [{ script: './api.js', /*>*/instnces: 2 }],\n};"],
    ['a value', "module.exports = { apps: [{ script: './api.js', instances: /*>*/'two' }] };"],
    ['a quoted key', "module.exports = { apps: [{ script: './api.js', /*>*/'instnces': 2 }] };"],
    ['a named export', "exports.apps = [{ script: './api.js', /*>*/x: 1 }];"],
    [
      'a member of the export',
      "module.exports = {};\nmodule.exports.apps = [{ script: './api.js', /*>*/x: 1 }];",
    ],
    ['a constant', "const config = { apps: [{ script: './api.js', /*>*/x: 1 }] };\nmodule.exports = config;"],
    [
      'apps by name',
      "const a = { name: 'a', script: './api.js' };\nconst b = { name: 'b', script: './api.js', /*>*/x: 1 };\n" +
        'module.exports = { apps: [a, b] };',
    ],
    [
      'a spread',
      "const base = { script: './api.js', /*>*/x: 1 };\nmodule.exports = { apps: [{ ...base, name: 'a' }] };",
    ],
    [
      'what wins over a spread',
      "const base = { script: './api.js', instances: 2 };\n" +
        "module.exports = { apps: [{ ...base, instances: /*>*/'two' }] };",
    ],
    ['a function', "module.exports = () => ({ apps: [{ script: './api.js', /*>*/x: 1 }] });"],
    [
      'a function that returns',
      "module.exports = async function () {\n  const n = 1;\n  return { apps: [{ script: './api.js', /*>*/x: n }] };\n};",
    ],
    [
      'a call around it',
      "const define = (config) => config;\nmodule.exports = define({ apps: [{ script: './api.js', /*>*/x: 1 }] });",
    ],
    [
      'a function of the file that makes apps',
      "function app(name) {\n  return { name, script: './api.js', /*>*/x: 1 };\n}\nmodule.exports = { apps: [app('a')] };",
    ],
    [
      'a list that is mapped',
      "module.exports = { apps: ['a'].map((name) => ({ name, script: './api.js', /*>*/x: 1 })) };",
    ],
    [
      'a list that is filtered',
      "module.exports = { apps: [false, { script: './api.js', /*>*/x: 1 }].filter(Boolean) };",
    ],
    [
      'a list that is pushed to',
      "const apps = [];\napps.push({ name: 'a', script: './api.js' });\n" +
        "apps.push({ name: 'b', script: './api.js', /*>*/x: 1 });\nmodule.exports = { apps };",
    ],
    [
      'a choice',
      "module.exports = process.env.NOPE ? { apps: [{ script: './a.js', x: 1 }] } : { apps: [{ script: './api.js', /*>*/x: 1 }] };",
    ],
    [
      'a member that is set afterwards',
      "const app = { script: './api.js' };\napp./*>*/x = 1;\nmodule.exports = { apps: [app] };",
    ],
    [
      'Object.assign',
      "const base = { script: './api.js' };\nmodule.exports = { apps: [Object.assign({}, base, { /*>*/x: 1 })] };",
    ],
    [
      'the only such key of a text that cannot be followed',
      'const apps = JSON.parse(\'[{"script": "./api.js"}]\');\nfor (const app of apps) Object.assign(app, { /*>*/x: 1 });\n' +
        'module.exports = { apps };',
    ],
    ['the root', "module.exports = { apps: [{ script: './api.js' }], /*>*/projct: 'x' };"],
    ['an app without a script', "module.exports = { apps: [{ script: './api.js' }, /*>*/{ name: 'b' }] };"],
    ['what is not data', "module.exports = { apps: [{ script: './api.js', env: { /*>*/A() {} } }] };"],
    ['a syntax error', "module.exports = { apps: [{ script: './api.js' /*>*/'x' }] };"],
    ['what is thrown', 'const a = 1;\nthrow /*>*/new Error(`boom ${a}`);'],
  ])('in %s', async (_what, text) => {
    const list = await failures(text, 'a.config.cjs');
    expect(list.map(placeOf)).toEqual(marks(text));
    expect(list[0]?.frame).toBeDefined();
  });

  it.each([
    ['a default export', "export default { apps: [{ script: './api.js', /*>*/x: 1 }] };"],
    ['a named export', "export const apps = [{ script: './api.js', /*>*/x: 1 }];"],
    ['a name that is exported', "const apps = [{ script: './api.js', /*>*/x: 1 }];\nexport { apps };"],
    [
      'a default export by name',
      "const config = { apps: [{ script: './api.js', /*>*/x: 1 }] };\nexport { config as default };",
    ],
    ['a module that awaits', "export default await { apps: [{ script: './api.js', /*>*/x: 1 }] };"],
    ['a syntax error', 'export default {\n  apps: [\n /*>*/};'],
  ])('in a module: %s', async (_what, text) => {
    const list = await failures(text, 'a.config.mjs');
    expect(list.map(placeOf)).toEqual(marks(text));
  });

  it('tells the two apps of one mistake apart', async () => {
    const text =
      "module.exports = { apps: [{ name: 'a', script: './api.js', /*>*/x: 1 }, { name: 'b', script: './api.js', /*>*/x: 1 }] };";
    expect((await failures(text, 'a.cjs')).map(placeOf)).toEqual(marks(text));
  });

  it('names every place when there is no telling which one it is', async () => {
    const text =
      "const make = JSON.parse('{}');\nconst a = { x: 1 };\nconst b = { x: 1 };\n" +
      'module.exports = { apps: JSON.parse(\'[{"script":"./api.js","x":1}]\') };';
    const [failure] = await failures(text, 'a.cjs');
    expect(failure?.position).toEqual({ file: 'a.cjs' });
    expect(failure?.details).toEqual(['the file has it at a.cjs:2:13, a.cjs:3:13']);
  });

  it('makes no place up for what another file says', async () => {
    const more = { 'apps.json': '[{"script":"./api.js","instnces":2}]' };
    const [failure] = await failures("module.exports = require('./apps.json');", 'a.cjs', more);
    expect(failure).toMatchObject({ code: 'CONFIG_UNKNOWN_KEY', hint: 'did you mean instances?' });
    expect(failure?.frame ?? '').not.toContain('instnces');
  });

  it('blames the other file for its syntax', async () => {
    const more = { 'lib.js': 'module.exports = {\n  a: [\n};' };
    const text = "const lib = require('./lib.js');\nmodule.exports = lib;";
    const [failure] = await failures(text, 'a.cjs', more);
    expect(failure?.message).toMatch(/lib\.js:3: Unexpected token/);
  });

  it('is not led astray by code without end', async () => {
    const names = Array.from({ length: 60 }, (_, index) => `const a${index + 1} = a${index} || a${index};`);
    const text = `const a0 = { apps: [{ script: './api.js', x: 1 }] };\n${names.join('\n')}\nmodule.exports = a60;`;
    const list = await failures(text, 'a.cjs');
    expect(list).toMatchObject([{ code: 'CONFIG_UNKNOWN_KEY' }]);
  });
});
