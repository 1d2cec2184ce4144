import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { bundle } from '../support/bundle.ts';
import { failuresOf, projectFolder } from './support/project-folder.ts';

let jsEvaluatorPath: string;
beforeAll(async () => {
  jsEvaluatorPath = await bundle('src/config/evaluate/main.ts');
});

describe('a text of another system', () => {
  it.each(['ecosystem.json', 'ecosystem.yaml', 'ecosystem.config.js'])(
    'in UTF-16 is named as that, with and without a mark: %s',
    async (name) => {
      await using folder = await projectFolder({});
      for (const mark of ['\uFEFF', '']) {
        await writeFile(join(folder.path, name), Buffer.from(`${mark}{"apps": []}`, 'utf16le'));
        const [failure, ...more] = failuresOf(await folder.load({ files: [name], jsEvaluatorPath }));
        expect(failure).toMatchObject({ code: 'CONFIG_SYNTAX', position: { file: name } });
        expect(failure?.message).toContain('UTF-16');
        expect(more).toEqual([]);
      }
    },
  );

  it.each([
    [
      'ecosystem.config.js',
      "\uFEFFmodule.exports = {\r\n  apps: [{ script: './api.js',\r\n    x: 1 }],\r\n};\r\n",
    ],
    ['ecosystem.json', '\uFEFF{\r\n  "apps": [{ "script": "./api.js",\r\n    "x": 1 }]\r\n}'],
    ['ecosystem.yaml', '\uFEFFapps:\r\n  - script: ./api.js\r\n    x: 1\r\n'],
  ])('with a mark and CRLF has its places: %s', async (name, text) => {
    await using folder = await projectFolder({ [name]: text });
    const list = failuresOf(await folder.load({ jsEvaluatorPath }));
    expect(list).toMatchObject([{ code: 'CONFIG_UNKNOWN_KEY', position: { line: 3, column: 5 } }]);
  });

  it('with tabs in YAML is told to take spaces', async () => {
    await using folder = await projectFolder({ 'ecosystem.yaml': 'apps:\n\t- script: ./api.js\n' });
    expect(failuresOf(await folder.load())).toMatchObject([
      { code: 'CONFIG_SYNTAX', hint: 'indent with spaces' },
    ]);
  });
});
