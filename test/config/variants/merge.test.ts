// `--merge`: files over each other.
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { appsOf, failuresOf, projectFolder } from '../support/project-folder.ts';

type Files = Readonly<Record<string, string>>;

async function merged(files: Files, options = {}) {
  await using folder = await projectFolder(files);
  return await folder.load({
    files: Object.keys(files).filter((name) => !name.endsWith('.js')),
    merge: true,
    ...options,
  });
}

describe('merged files', () => {
  it('are one declaration: maps by key, apps by name, lists as a whole or added to', async () => {
    const loaded = await merged({
      'base.yaml': `
project: shop
vars: { port: 80 }
env: { TZ: UTC, A: 1 }
defaults: { kill_timeout: 3s, labels: { team: x } }
apps:
  - { name: web, script: ./api.js, args: [a], watch: [src], env: { A: 1, B: "\${vars.port}" }, rollout: { min_ready: 2s, deadline: 9s } }
  - { name: old, script: ./api.js }
`,
      'prod.json': `{
  "vars": {"port": 8080}, "env": {"A": null},
  "defaults": {"killTimeout": "9s"},
  "apps": {
    "web": {"instances": 2, "watch": ["lib"], "env": {"A": null, "C": "3"}, "rollout": {"deadline": null}},
    "old": null,
    "new": {"script": "./api.js"}
  }
}`,
      'more.yaml': 'apps: [{ name: web, args: !append [b] }]\n',
    });
    const [web, added, ...others] = appsOf(loaded);
    expect(others).toEqual([]);
    expect(web).toMatchObject({
      name: 'web',
      instances: 2,
      args: ['a', 'b'],
      watch: ['lib'],
      kill_timeout: 9000,
      labels: { team: 'x' },
      rollout: { min_ready: 2000 },
    });
    expect(web?.env).toEqual({ TZ: 'UTC', B: '8080', C: '3' });
    expect(web?.rollout.deadline).not.toBe(9000);
    expect(added).toMatchObject({ name: 'new', kill_timeout: 9000 });
  });

  it('come from the first one, over which the others are', async () => {
    const files = {
      'base.yaml': 'apps: [{ script: ./api.js }]',
      'sub/over.yaml': 'apps: [{ name: api, instances: 2 }]',
    };
    await using folder = await projectFolder(files);
    const loaded = await folder.load({ files: Object.keys(files), merge: true, vars: {} });
    expect(loaded).toMatchObject({
      value: {
        projects: [
          {
            project: 'shop',
            source: { files: [join(folder.path, 'base.yaml')], over: [join(folder.path, 'sub/over.yaml')] },
          },
        ],
      },
    });
    expect(appsOf(loaded)).toMatchObject([{ script: join(folder.path, 'api.js'), instances: 2 }]);
  });

  it('may come on standard input, and as what JavaScript gives', async () => {
    const loaded = await merged(
      { 'base.yaml': 'apps: [{ script: ./api.js, env: { A: "$x" } }]' },
      {
        files: ['base.yaml', '-'],
        readStdin: () => Promise.resolve('{"apps": [{"name": "api", "env": {"B": "2"}}]}'),
      },
    );
    expect(appsOf(loaded)[0]?.env).toEqual({ A: '$x', B: '2' });
  });

  it('find an app by the name that its variables give, or its script', async () => {
    const loaded = await merged({
      'base.yaml':
        'vars: { s: blue }\napps: [{ name: "web-${vars.s}", script: ./api.js }, { script: ./api.js }]',
      'over.yaml': 'apps:\n  web-blue: { instances: 2 }\n  api: { args: [x] }\n',
    });
    expect(appsOf(loaded)).toMatchObject([
      { name: 'web-blue', instances: 2 },
      { name: 'api', args: ['x'] },
    ]);
  });

  it('are one file where there is one', async () => {
    expect(appsOf(await merged({ 'base.yaml': 'apps: [{ script: ./api.js }]' }))).toHaveLength(1);
  });

  it('have environments, each over those below', async () => {
    const loaded = await merged(
      {
        'base.yaml': 'apps: [{ script: ./api.js, env: { A: 1 }, env_production: { A: 2, B: 2 } }]',
        'over.yaml': 'apps: [{ name: api, env_production: { B: 3 } }]',
      },
      { env: 'production' },
    );
    expect(appsOf(loaded)[0]?.env).toEqual({ A: '2', B: '3' });
  });

  it('show the file in which a value is wrong, also where only both together are', async () => {
    const loaded = await merged({
      'base.yaml':
        'apps:\n  - name: web\n    script: ./api.js\n    depends_on: [db]\n  - { name: db, script: ./api.js }\n',
      'over.yaml': 'apps:\n  web:\n    kill_timeout: soon\n    labels: 3\n  db: null\n',
    });
    expect(
      failuresOf(loaded).map(({ message, position }) => [message, position?.file, position?.line]),
    ).toEqual([
      ['kill_timeout (app "web"): "soon" is not a duration', 'over.yaml', 3],
      ['labels (app "web"): 3 is not a map', 'over.yaml', 4],
      ['depends_on[0] (app "web"): the project has no app "db"', 'base.yaml', 4],
    ]);
  });

  it('do not count the same limits each for itself', async () => {
    const text = `x-a: ["${'a'.repeat(3 * 1024 * 1024)}"]\napps: []\n`;
    const loaded = await merged({ 'a.yaml': text, 'b.yaml': text });
    expect(failuresOf(loaded)).toMatchObject([{ code: 'CONFIG_TOO_LARGE' }]);
  });

  it.each([
    ['two projects', { 'a.yaml': 'project: a\napps: []', 'b.yaml': 'project: b' }, 'CONFIG_MERGE', 'b.yaml'],
    [
      'an app without a name',
      { 'a.yaml': 'apps: []', 'b.yaml': 'apps: [{ instances: 2 }]' },
      'CONFIG_MERGE',
      'b.yaml',
    ],
    [
      'an app that is not there',
      { 'a.yaml': 'apps: [{ script: ./api.js }]', 'b.yaml': 'apps: { apii: { instances: 2 } }' },
      'CONFIG_MERGE',
      'b.yaml',
    ],
    [
      'null for an app that is not there',
      { 'a.yaml': 'apps: [{ script: ./api.js }]', 'b.yaml': 'apps: { apii: null }' },
      'CONFIG_MERGE',
      'b.yaml',
    ],
    [
      'several documents',
      { 'a.yaml': 'apps: []\n---\napps: []', 'b.yaml': 'apps: []' },
      'CONFIG_MERGE',
      'a.yaml',
    ],
    ['a text for apps', { 'a.yaml': 'apps: []', 'b.yaml': 'apps: web' }, 'CONFIG_WRONG_TYPE', 'b.yaml'],
    ['a number for a file', { 'a.yaml': 'apps: []', 'b.yaml': '3' }, 'CONFIG_WRONG_TYPE', 'b.yaml'],
    ['no apps at all', { 'a.yaml': 'project: x', 'b.yaml': 'env: {}' }, 'CONFIG_MISSING_KEY', 'a.yaml'],
    [
      'a key of a prototype',
      { 'a.yaml': 'apps: []', 'b.yaml': 'defaults: { __proto__: {} }' },
      'CONFIG_UNKNOWN_KEY',
      'b.yaml',
    ],
    [
      'null for what has to be there',
      { 'a.yaml': 'apps: { api: { script: ./api.js } }', 'b.yaml': 'apps: { api: { script: null } }' },
      'CONFIG_MISSING_KEY',
      'b.yaml',
    ],
    [
      'one app twice',
      {
        'a.yaml': 'apps: [{ script: ./api.js }]',
        'b.yaml': 'apps: [{ name: api, instances: 2 }, { name: api, args: [x] }]',
      },
      'CONFIG_DUPLICATE_APP',
      'b.yaml',
    ],
    ['a mistake in the text', { 'a.yaml': 'apps: []', 'b.yaml': 'apps: [' }, 'CONFIG_SYNTAX', 'b.yaml'],
  ])('with %s are one clear error', async (_what, files: Files, code, file) => {
    const list = failuresOf(await merged(files));
    expect(list).toMatchObject([{ code, position: { file } }]);
  });

  it('show no secret that only another of them names', async () => {
    const loaded = await merged(
      {
        'a.yaml': 'secrets: [LICENCE]\napps: [{ script: ./api.js }]',
        'b.yaml':
          'apps: { api: { env: { LICENCE: abcdefgh }, foo: 1, extends: { file: lib/c.yaml, app: c } } }',
        'lib/c.yaml': 'apps: { c: { env: { LICENCE: ijklmnop }, bar: 1 } }',
      },
      { files: ['a.yaml', 'b.yaml'] },
    );
    const frames = failuresOf(loaded).map(({ frame }) => frame);
    expect(frames).toHaveLength(2);
    expect(frames.join('\n')).not.toMatch(/abcdefgh|ijklmnop/);
  });

  it('are files, and no folder', async () => {
    const list = failuresOf(
      await merged({ 'a.yaml': 'apps: []', 'ecosystem.yaml': 'apps: []' }, { files: ['a.yaml', '.'] }),
    );
    expect(list).toMatchObject([{ code: 'CONFIG_MERGE', position: { file: '.' } }]);
  });

  it('are named once each', async () => {
    const files = { 'a.yaml': 'apps: []' };
    const list = failuresOf(await merged(files, { files: ['a.yaml', './a.yaml'] }));
    expect(list).toMatchObject([{ code: 'CONFIG_MERGE', message: './a.yaml is given twice' }]);
  });
});
