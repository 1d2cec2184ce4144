import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { beforeAll, describe, expect, it } from 'vitest';
import { typeScriptEvaluator } from '../../src/config/read/javascript/typescript.ts';
import { bundle } from '../support/bundle.ts';
import { appsOf, failuresOf, projectFolder } from './support/project-folder.ts';

let jsEvaluatorPath: string;
beforeAll(async () => {
  jsEvaluatorPath = await bundle('src/config/evaluate/main.ts');
});

/** What tsx does, as far as it matters here: an import that teaches require() to read .ts. */
const TSX = {
  'node_modules/tsx/package.json': '{"name":"tsx","type":"module","exports":{".":"./loader.mjs"}}',
  'node_modules/tsx/loader.mjs': `
    import { readFileSync } from 'node:fs';
    import Module from 'node:module';
    Module._extensions['.ts'] = (module, file) => {
      const text = readFileSync(file, 'utf8').replace(/: App\\b/g, '').replace('export default', 'module.exports =');
      module._compile(text, file);
    };`,
};

describe('an ecosystem file in TypeScript', () => {
  it('is read with the tsx beside it, and has its places', async () => {
    const text = "const app: App = { script: './api.js' };\nexport default { apps: [app] };";
    await using folder = await projectFolder({ ...TSX, 'ecosystem.config.ts': text });
    expect(appsOf(await folder.load({ jsEvaluatorPath }))).toMatchObject([{ name: 'api' }]);
    await folder.write({ 'ecosystem.config.ts': text.replace("'./api.js'", "'./api.js', instnces: 2") });
    expect(failuresOf(await folder.load({ jsEvaluatorPath }))).toMatchObject([
      { code: 'CONFIG_UNKNOWN_KEY', position: { file: 'ecosystem.config.ts', line: 1, column: 40 } },
    ]);
  });

  it.skipIf(Number(process.versions.node.split('.')[0]) > 20)(
    'is refused with the ways out where nothing runs it',
    async () => {
      await using folder = await projectFolder({ 'ecosystem.config.ts': 'export default { apps: [] }' });
      const [failure] = failuresOf(await folder.load({ jsEvaluatorPath }));
      expect(failure).toMatchObject({ code: 'CONFIG_EVALUATION', position: { file: 'ecosystem.config.ts' } });
      expect(failure?.details?.join('\n')).toMatch(
        /Node 22\.18[^]*npm install --save-dev tsx[^]*ecosystem\.config\.js/,
      );
    },
  );

  it.each([
    ['20.19.0', null],
    ['22.5.0', null],
    ['22.6.0', ['--no-warnings', '--experimental-strip-types']],
    ['22.18.0', ['--no-warnings']],
    ['23.5.0', ['--no-warnings', '--experimental-strip-types']],
    ['23.6.0', ['--no-warnings']],
    ['24.0.0', ['--no-warnings']],
  ])('is run by Node %s with %j', async (nodeVersion, args) => {
    await using folder = await projectFolder({});
    const search = { path: join(folder.path, 'ecosystem.config.ts'), environment: {}, nodeVersion };
    expect(typeScriptEvaluator(search)?.args ?? null).toEqual(args);
  });

  it('is run by tsx before Node, and by bun or ts-node where Node cannot', async () => {
    await using folder = await projectFolder({
      'bun/bin/bun': '',
      'node/node_modules/ts-node/package.json': '{}',
      'node/node_modules/ts-node/register/transpile-only.js': '',
      ...Object.fromEntries(Object.entries(TSX).map(([name, text]) => [`tsx/${name}`, text])),
    });
    const find = (where: string, nodeVersion: string, PATH = '') =>
      typeScriptEvaluator({ path: join(folder.path, where, 'a.ts'), environment: { PATH }, nodeVersion });
    await mkdir(join(folder.path, 'tsx'), { recursive: true });
    const loader = pathToFileURL(join(folder.path, 'tsx/node_modules/tsx/loader.mjs')).href;
    expect(find('tsx', '24.0.0')?.args).toEqual(['--import', loader]);
    expect(find('bun', '20.19.0', join(folder.path, 'bun/bin'))?.program).toBe(
      join(folder.path, 'bun/bin/bun'),
    );
    expect(find('node', '20.19.0')?.args).toEqual([
      '--require',
      join(folder.path, 'node/node_modules/ts-node/register/transpile-only.js'),
    ]);
  });
});
