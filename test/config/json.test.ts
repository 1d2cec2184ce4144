import { describe, expect, it } from 'vitest';
import { appsOf, failuresOf, projectFolder, type Loaded } from './support/project-folder.ts';

async function load(text: string, file = 'ecosystem.json'): Promise<Loaded> {
  await using folder = await projectFolder({ [file]: text });
  return await folder.load({ files: [file] });
}

describe('JSON as people write it', () => {
  it.each(['ecosystem.json', 'ecosystem.json5', 'ecosystem.config.js', '-'])(
    'is read from %s',
    async (file) => {
      const text = [
        '// one app',
        '{',
        '  project: "shop", apps: [{ /* here */ name: "shop", script: \'./api.js\', kill_timeout: +5000, instances: -1,',
        "    env: { A: 0x10, B: .5, \"C\": null, D: 'it\\'s', }, },],",
        '}',
      ].join('\n');
      await using folder = await projectFolder(file === '-' ? {} : { [file]: text });
      const loaded = await folder.load({ files: [file], readStdin: () => Promise.resolve(text) });
      expect(appsOf(loaded)).toMatchObject([
        { name: 'shop', instances: 3, kill_timeout: 5000, env: { A: '0x10', B: '.5', D: "it's" } },
      ]);
    },
  );

  it('has places for what is wrong, though it is not strict JSON', async () => {
    const [failure, ...more] = failuresOf(await load("{\n  apps: [{ script: './api.js', instnces: 2 }],\n}"));
    expect(failure).toMatchObject({ code: 'CONFIG_UNKNOWN_KEY', position: { line: 2, column: 32 } });
    expect(more).toEqual([]);
  });

  it.each([
    ['{ "apps": [{ "script": "./api.js" "name": "a" }] }', 1, 35],
    ["{ apps: [{ script: './api.js' name: 'a' }] }", 1, 31],
    ['{ "apps": [\n  { "script": "./api.js" }\n', 3, 1],
    ['{ "apps": [] } x', 1, 16],
  ])('%j is one error, where it begins', async (text, line, column) => {
    const list = failuresOf(await load(text));
    expect(list).toMatchObject([{ code: 'CONFIG_SYNTAX', position: { line, column } }]);
  });

  it.each(['process.env.PORT', '`a${1}`', '{ a() {} }', '[...[]]', '1 + 1', '/x/', 'undefined'])(
    'says of %s that it is code, and never runs it',
    async (code) => {
      const list = failuresOf(await load(`{ apps: [{ script: './api.js', env: { A: ${code} } }] }`));
      expect(list).toMatchObject([{ code: 'CONFIG_SYNTAX', position: { line: 1 } }]);
      expect(list[0]?.hint).toContain('ecosystem.config.js');
    },
  );

  it.each<[string, number]>([
    ['module.exports = { apps: [] }', 1],
    ['module.exports = {\n  apps: [{ script: "./api.js" }],\n};\n', 1],
    ['// apps\nconst os = require("os");\nmodule.exports = { apps: [] };', 2],
    ['export default { apps: [] }', 1],
    ['f()', 1],
  ])('says of %j that it is code, and nothing else', async (text, line) => {
    const list = failuresOf(await load(text));
    expect(list).toMatchObject([{ code: 'CONFIG_SYNTAX', position: { line, column: 1 } }]);
    expect(list[0]?.hint).toContain('ecosystem.config.js');
  });

  it.each(['', ' \n', '// only this', '/* a */ // b\n'])('is empty when it is %j', async (text) => {
    expect(failuresOf(await load(text))).toMatchObject([
      { code: 'CONFIG_MISSING_KEY', message: 'the file is empty', position: { file: 'ecosystem.json' } },
    ]);
  });

  it('may keep the apps where package.json has them', async () => {
    expect(appsOf(await load('{"pm2": {"apps": [{"script": "./api.js"}]}}'))).toMatchObject([
      { name: 'api' },
    ]);
  });

  it('refuses a key that is there twice', async () => {
    const list = failuresOf(await load("{ apps: [{ script: './api.js', name: 'a', name: 'b' }] }"));
    expect(list).toMatchObject([{ code: 'CONFIG_DUPLICATE_KEY', position: { line: 1, column: 43 } }]);
  });
});
