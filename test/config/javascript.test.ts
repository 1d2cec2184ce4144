import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { evaluateFile } from '../../src/config/read/javascript/evaluate-file.ts';
import { bundle } from '../support/bundle.ts';
import { appsOf, failuresOf, projectFolder, warningsOf, type Loaded } from './support/project-folder.ts';

let jsEvaluatorPath: string;
beforeAll(async () => {
  jsEvaluatorPath = await bundle('src/config/evaluate/main.ts');
});

async function load(
  file: string,
  text: string,
  more: Readonly<Record<string, string>> = {},
): Promise<Loaded> {
  await using folder = await projectFolder({ [file]: text, ...more });
  return await folder.load({ files: [file], jsEvaluatorPath });
}

describe('a JavaScript file', () => {
  it.each([
    ['CommonJS', 'a.config.js', "module.exports = { apps: [{ script: './api.js' }] }"],
    ['named exports of CommonJS', 'a.cjs', "exports.apps = [{ script: './api.js' }]"],
    ['a default export', 'a.mjs', "export default { apps: [{ script: './api.js' }] }"],
    ['a named export', 'a.mjs', "import 'node:os'; export const apps = [{ script: './api.js' }]"],
    ['a module that awaits', 'a.mjs', "export default await Promise.resolve([{ script: './api.js' }])"],
    ['ESM in .js', 'a.config.js', "export default [{ script: './api.js' }]"],
    [
      'compiled ESM',
      'a.js',
      "exports.__esModule = true; exports.default = { apps: [{ script: './api.js' }] }",
    ],
    ['a function', 'a.js', "module.exports = () => ({ script: './api.js' })"],
    ['an async function', 'a.mjs', "export default async () => [{ script: './api.js' }]"],
    ['JSON', 'a.config.js', '// JSON\n{ "apps": [{ "script": "./api.js", }] }'],
  ])('may be %s', async (_what, file, text) => {
    expect(appsOf(await load(file, text))).toMatchObject([{ name: 'api' }]);
  });

  it('is told to be renamed when it is CommonJS in a package of modules', async () => {
    const more = { 'package.json': '{"type": "module"}' };
    const [failure] = failuresOf(await load('ecosystem.config.js', 'module.exports = { apps: [] }', more));
    expect(failure).toMatchObject({ code: 'CONFIG_EVALUATION', position: { line: 1, column: 1 } });
    expect(failure?.hint).toContain('rename the file to ecosystem.config.cjs');
  });

  it.each([
    ['a.mjs', 'export default { cwd: __dirname }', 'import.meta.dirname', 23],
    ['a.mjs', 'module.exports = {}', 'rename the file to a.cjs', 1],
    ['a.mjs', "import a from './lib/nope.js';\nexport default a;", 'a file that is there', 15],
    ['a.cjs', "const a = require('./nope');", 'a file that is there', undefined],
    ['a.mjs', 'import a from "nope";\nexport default a;', 'npm install', 15],
  ])('in %s, %s has the way out', async (file, text, hint, column) => {
    const [failure, ...more] = failuresOf(await load(file, text));
    expect(failure).toMatchObject({ code: 'CONFIG_EVALUATION', position: { file, line: 1 } });
    expect(failure?.hint).toContain(hint);
    if (column !== undefined) expect(failure?.position?.column).toBe(column);
    expect(more).toEqual([]);
  });

  it('runs from its true path, with its own modules, what it prints ignored', async () => {
    const text = `
      const path = require('node:path');
      console.log('noise'); console.error('noise'); process.stdout.write('{"ok":true,"value":[]}');
      const shared = require('shared');
      module.exports = { apps: [{ script: path.join(__dirname, 'api.js'), env: { ...shared, CWD: process.cwd() } }] };`;
    await using folder = await projectFolder({
      'deploy/a.config.js': text,
      'deploy/api.js': '',
      'node_modules/shared/index.js': "module.exports = { FROM: 'shared' }",
    });
    const [app] = appsOf(await folder.load({ files: ['deploy/a.config.js'], jsEvaluatorPath }));
    expect(app?.env).toEqual({ FROM: 'shared', CWD: join(folder.path, 'deploy') });
  });

  it('drops what is undefined, and expands nothing', async () => {
    const text =
      "module.exports = [{ script: './api.js', cwd: process.env.NOPE, env: { A: process.env.NOPE, B: '${HOME}', C: 1 } }]";
    expect(appsOf(await load('a.js', text))).toMatchObject([{ env: { B: '${HOME}', C: '1' } }]);
  });

  it('has URLs as text', async () => {
    const text = "module.exports = [{ script: './api.js', env: { U: new URL('http://h:1/a'), E: {} } }]";
    expect(appsOf(await load('a.js', text))).toMatchObject([{ env: { U: 'http://h:1/a', E: '{}' } }]);
  });

  it('may have anything in deploy', async () => {
    const text =
      "const x = { f() {} }; x.x = x; module.exports = { apps: [{ script: './api.js' }], deploy: x }";
    expect(warningsOf(await load('a.js', text))).toEqual([]);
  });

  it('may share one object between apps', async () => {
    const text = `const env = { A: 1 };
      module.exports = ['a', 'b'].map((name) => ({ name, script: './api.js', env, env_production: { A: 2 } }));`;
    expect(appsOf(await load('a.js', text))).toMatchObject([{ env: { A: '1' } }, { env: { A: '1' } }]);
  });

  it('has its errors where they are written, with the path', async () => {
    const text = "module.exports = [{ script: './api.js' }, { name: 'b', script: './api.js', instnces: 2 }]";
    const [failure] = failuresOf(await load('a.js', text));
    expect(failure).toMatchObject({
      code: 'CONFIG_UNKNOWN_KEY',
      position: { file: 'a.js', line: 1, column: text.indexOf('instnces') + 1 },
      hint: 'did you mean instances?',
    });
    expect(failure?.message).toBe('[1].instnces (app "b"): unknown key');
    expect(failure?.frame).toMatch(/ instnces: 2 .*\n.* \^{8}$/);
  });

  it.each([
    ["require('nope')", 'CONFIG_EVALUATION', 'needs the module "nope"', 1],
    ["const a = 1;\nthrow new Error('boom')", 'CONFIG_EVALUATION', 'boom', 2],
    ["module.exports = () => { throw 'text' }", 'CONFIG_EVALUATION', 'text', undefined],
    ['module.exports =\n  {{', 'CONFIG_SYNTAX', '', 2],
    ['const x = 1;', 'CONFIG_EVALUATION', 'exports nothing', undefined],
    ['process.exit(3)', 'CONFIG_EVALUATION', 'exit code 3', undefined],
    ["process.kill(process.pid, 'SIGKILL')", 'CONFIG_EVALUATION', 'SIGKILL', undefined],
    [
      'const a = []; a.push(a); module.exports = { apps: a }',
      'CONFIG_EVALUATION',
      'apps[0] contains itself',
      1,
    ],
    [
      "module.exports = [{ script: './api.js', env: { A() {} } }]",
      'CONFIG_EVALUATION',
      '[0].env.A is a function',
      1,
    ],
    [
      "module.exports = [{ script: './api.js', env: { A: new Map([['a', 1]]) } }]",
      'CONFIG_EVALUATION',
      '[0].env.A is a Map',
      1,
    ],
    [
      "module.exports = [{ script: './api.js', env: { A: Buffer.from('a') } }]",
      'CONFIG_EVALUATION',
      '[0].env.A is a Buffer',
      1,
    ],
    [
      "module.exports = [{ script: './api.js', env: { A: new URLSearchParams('a=1') } }]",
      'CONFIG_EVALUATION',
      '[0].env.A is a URLSearchParams',
      1,
    ],
    [
      "module.exports = [{ script: './api.js', instances: NaN }]",
      'CONFIG_EVALUATION',
      '[0].instances is NaN',
      1,
    ],
    ['module.exports = JSON.parse(\'{"__proto__": {}}\')', 'CONFIG_EVALUATION', '__proto__', 1],
    ["module.exports = { apps: 'x'.repeat(3e7) }", 'CONFIG_EVALUATION', 'more than can be read', undefined],
    ['module.exports = { get apps() { throw new Error("getter") } }', 'CONFIG_EVALUATION', 'getter', 1],
  ])('%s is an error that says why', async (text, code, message, line) => {
    const [failure] = failuresOf(await load('a.cjs', text));
    expect(failure?.code).toBe(code);
    expect([failure?.position?.file, failure?.position?.line]).toEqual(['a.cjs', line]);
    expect(failure?.message).toContain(message);
  });

  it('shows the last that it said before it died', async () => {
    const [failure] = failuresOf(
      await load('a.js', "console.error('no database\\x1b[31m'); process.exit(1)"),
    );
    expect(failure?.details).toEqual(['no database[31m']);
  });

  it('that never ends is stopped, with everything that it started', async () => {
    await using folder = await projectFolder({
      'a.js': "require('node:child_process').spawn('sleep', ['600'], { stdio: 'inherit' }); for (;;);",
    });
    const options = { path: join(folder.path, 'a.js'), env: null, environment: process.env, limitMs: 1000 };
    const evaluation = await evaluateFile({ ...options, evaluatorPath: jsEvaluatorPath });
    expect(evaluation).toMatchObject({ kind: 'timeout', limitMs: 1000 });
  });

  it('that leaves something running is not waited for', async () => {
    const text = `setInterval(() => {}, 1000);
      require('node:child_process').spawn('sleep', ['600'], { stdio: 'inherit' });
      module.exports = [{ script: './api.js' }];`;
    await using folder = await projectFolder({ 'a.js': text });
    const loaded = await folder.load({ files: ['a.js'], jsEvaluatorPath, environment: process.env });
    expect(appsOf(loaded)).toHaveLength(1);
  });

  it('that eats all memory ends alone', async () => {
    const text = 'const all = []; for (;;) all.push(new Array(1e6).fill(all.length));';
    const [failure] = failuresOf(await load('a.js', text));
    expect(failure).toMatchObject({
      code: 'CONFIG_EVALUATION',
      hint: 'it may have run out of memory: the limit is 512 MB',
    });
    expect(failure?.details).toBeUndefined();
  });
});
