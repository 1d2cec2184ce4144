import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { failuresOf, projectFolder, type Loaded } from './support/project-folder.ts';

const APPS = 'apps: [{script: ./api.js}]';

async function load(files: Readonly<Record<string, string>>, given = '.'): Promise<Loaded> {
  await using folder = await projectFolder(files);
  return await folder.load({ files: [given] });
}

/** `project/app` of everything that was read. */
function names(loaded: Loaded): readonly string[] {
  if (!loaded.ok) throw new Error(loaded.error.map(({ message }) => message).join('\n'));
  return loaded.value.projects.flatMap(({ project, apps }) => apps.map(({ name }) => `${project}/${name}`));
}

describe('a folder', () => {
  it.each([
    'ecosystem.yml',
    'ecosystem.config.json',
    'ecosystem.config.yaml',
    'pm2.yml',
    'pm2.json',
    'process.json',
  ])('has its declaration in %s', async (name) => {
    expect(names(await load({ [name]: name.endsWith('json') ? '[{"script":"./api.js"}]' : APPS }))).toEqual([
      'shop/api',
    ]);
  });

  it('is all the declarations in it, whatever they are called, of several projects too', async () => {
    const files = {
      'a.yaml': 'apps: [{name: a, script: ./api.js}]',
      'b.json': '{"project":"blog","apps":[{"name":"b","script":"./api.js"}]}',
      'c.yml': '- {name: c, script: ./api.js}\n',
      'ecosystem.json': "{apps: [{name: 'd', script: './api.js'}]}",
    };
    expect(names(await load(files)).toSorted()).toEqual(['blog/b', 'shop/a', 'shop/c', 'shop/d']);
  });

  it('may hold YAML and JSON of other tools, also what cannot be read', async () => {
    const files = {
      'ecosystem.yaml': APPS,
      'package.json': '{"name":"x","scripts":{"start":"node ."},"pm2":[{"script":"x"}]}',
      'tsconfig.json': '{"compilerOptions":{}, // comment\n}',
      'docker-compose.yml': 'services: {web: {image: x, command: run}}',
      'template.yaml': '{{ if .Values.command }}',
      'cloud.yaml': 'Resources: !Foo {command: x}',
      'list.json': '["apps", "script"]',
      'ids.json': '{"apps": ["a", "b"]}',
      'next.config.js': "throw new Error('it was run')",
      '.eslintrc.json': '{"apps":[{"script":"x"}]}',
    };
    expect(names(await load(files))).toEqual(['shop/api']);
  });

  it.each([
    ['a misspelt root key', 'aps: [{name: b, script: ./api.js}]'],
    ['a misspelt script', 'apps: [{name: b, scrpt: ./api.js}]'],
    ['a broken text', 'apps:\n  - name: b\n script: [\n'],
  ])('does not pass over a declaration with %s', async (_what, text) => {
    const list = failuresOf(await load({ 'ecosystem.yaml': APPS, 'b.yaml': text }));
    expect(list[0]?.position?.file).toBe('b.yaml');
  });

  it('with one app in two files says so, and how to choose', async () => {
    const [failure] = failuresOf(
      await load({ 'ecosystem.yaml': APPS, 'pm2.json': '[{"script":"./api.js"}]' }),
    );
    expect(failure).toMatchObject({
      code: 'CONFIG_DUPLICATE_APP',
      details: ['first at ecosystem.yaml:1:17'],
    });
    expect(failure?.hint).toContain('-f');
  });

  it('without any names what was looked for', async () => {
    const [failure] = failuresOf(await load({ 'docker-compose.yml': 'services: {}' }));
    expect(failure?.code).toBe('CONFIG_NOT_FOUND');
    expect(failure?.hint).toContain('also looked for: ecosystem.yaml');
    expect(failure?.hint).not.toContain('found:');
  });

  it('that is called as a file is a folder', async () => {
    await using folder = await projectFolder({ 'a.yaml': APPS });
    await mkdir(join(folder.path, 'ecosystem.yaml'));
    expect(names(await folder.load())).toEqual(['shop/api']);
  });
});

describe('a file that is not there', () => {
  it('is said with the name that was meant', async () => {
    const [failure] = failuresOf(await load({ 'ecosystem.yaml': APPS }, 'ecosytem.yaml'));
    expect(failure).toMatchObject({ code: 'CONFIG_NOT_FOUND', hint: 'did you mean ecosystem.yaml?' });
  });

  it('is said with a way out where nothing is alike', async () => {
    const [failure] = failuresOf(await load({ 'notes.txt': '' }, 'shop/other.yaml'));
    expect(failure).toMatchObject({
      code: 'CONFIG_NOT_FOUND',
      hint: expect.stringContaining('stateward init') as unknown,
    });
  });

  it('is said with the ecosystem files that are there', async () => {
    const [failure] = failuresOf(await load({ 'conf/pm2.json': '[]' }, 'conf/nope-at-all.yaml'));
    expect(failure?.hint).toBe('there is conf/pm2.json');
  });
});

describe('a file of another tool', () => {
  it.each([
    [
      'Procfile',
      'web: node api.js --port $PORT\n# no\nworker: npm run jobs',
      ['{ name: "web", script: "node api.js --port $PORT" }', '{ name: "worker", script: "npm run jobs" }'],
    ],
    [
      'supervisord.conf',
      '[supervisord]\n[program:api]\ncommand=/usr/bin/node api.js\ndirectory=/srv',
      ['{ name: "api", script: "/usr/bin/node api.js", cwd: "/srv" }'],
    ],
    ['conf.ini', '[program:api]\ncommand = node api.js', ['{ name: "api", script: "node api.js" }']],
    [
      'api.service',
      '[Service]\nExecStart=-/usr/bin/node api.js\nUser=www',
      ['{ name: "api", script: "/usr/bin/node api.js", uid: "www" }'],
    ],
  ])('%s is named, and shown as apps', async (name, text, apps) => {
    const [failure] = failuresOf(await load({ [name]: text }, name));
    expect(failure?.message).toMatch(/not an ecosystem file$/);
    expect(failure?.details).toEqual(['apps:', ...apps.map((app) => `  - ${app}`)]);
    expect(failure?.hint).toContain('ecosystem.yaml');
  });

  it.each([
    ['docker-compose.yml', 'services: {web: {image: x}}', 'Compose'],
    ['pod.yaml', 'apiVersion: v1\nkind: Pod\n', 'Kubernetes'],
    ['plan.json', '{"kind":"Plan","formatVersion":1,"projects":[]}', 'saved plan'],
    ['apps.json', '{"apiVersion":"v1","kind":"AppList","items":[]}', 'get -o json'],
    ['dump.json', '[{"name":"a","pm2_env":{}}]', "PM2's list"],
    ['package.json', '{"name":"a"}', 'npm package'],
    ['.env', 'A=1', 'variables'],
    ['Dockerfile', 'FROM x', 'Dockerfile'],
  ])('%s is named', async (name, text, what) => {
    const [failure, ...more] = failuresOf(await load({ [name]: text }, name));
    expect(failure?.message).toContain(what);
    expect(failure?.hint).toBeDefined();
    expect(more).toEqual([]);
  });
});
