import { describe, expect, it } from 'vitest';
import { appsOf, projectFolder, type ProjectFolder } from '../support/project-folder.ts';

async function envOf(folder: ProjectFolder): Promise<Readonly<Record<string, string>> | undefined> {
  return appsOf(await folder.load())[0]?.env;
}

function yaml(...env: readonly string[]): string {
  return ['apps:', '  - script: ./api.js', '    env:', ...env.map((line) => `      ${line}`)].join('\n');
}

describe('a variable in YAML', () => {
  it.each([
    ['1.10', '1.10'],
    ['012', '012'],
    ['007', '007'],
    ['0x1F', '0x1F'],
    ['0o17', '0o17'],
    ['1e3', '1e3'],
    ['1e21', '1e21'],
    ['+1', '+1'],
    ['.5', '.5'],
    ['1.', '1.'],
    ['.inf', '.inf'],
    ['.NaN', '.NaN'],
    ['-0', '-0'],
    ['12345678901234567890', '12345678901234567890'],
    ['1_000', '1_000'],
    ['yes', 'yes'],
    ['no', 'no'],
    ['on', 'on'],
    ['true', 'true'],
    ['True', 'True'],
    ['FALSE', 'FALSE'],
    ['2026-11-28', '2026-11-28'],
    ['2026-11-28T10:00:00Z', '2026-11-28T10:00:00Z'],
    ['12:30:45', '12:30:45'],
    ['"1.10"', '1.10'],
    ["'012'", '012'],
    ['!!str 1.10', '1.10'],
    ['1.10 # a comment', '1.10'],
    ['{ a: 1.10, b: 12345678901234567890 }', '{"a":1.10,"b":12345678901234567890}'],
    ['[0x1F, .inf, no, true]', '[31,".inf","no",true]'],
  ])('%s is the text %s', async (written, text) => {
    await using folder = await projectFolder({ 'ecosystem.yaml': yaml(`E: ${written}`) });
    expect(await envOf(folder)).toEqual({ E: text });
  });

  it.each(['~', 'null', ''])('%j takes the variable away', async (written) => {
    await using folder = await projectFolder({ 'ecosystem.yaml': yaml(`E: ${written}`, 'F: 1') });
    expect(await envOf(folder)).toEqual({ F: '1' });
  });

  it('keeps its spelling through anchors, merges and environments', async () => {
    await using folder = await projectFolder({
      'ecosystem.yaml': [
        'x-env: &env { A: &a 1.10, B: 012 }',
        'apps:',
        '  - script: ./api.js',
        '    env: { <<: *env, C: *a }',
        '    env_production: { B: 0100, D: 1.0 }',
      ].join('\n'),
    });
    const apps = appsOf(await folder.load({ env: 'production' }));
    expect(apps[0]?.env).toEqual({ A: '1.10', B: '0100', C: '1.10', D: '1.0' });
  });

  it('is the text that stands there also for the older YAML that knows dates and more words', async () => {
    const text = `%YAML 1.1\n---\n${yaml('D: 2026-11-28', 'Y: yes', 'O: 010', 'S: 1:30', 'N: ~', 'B: 1_000')}`;
    await using folder = await projectFolder({ 'ecosystem.yaml': text });
    expect(await envOf(folder)).toEqual({ D: '2026-11-28', Y: 'yes', O: '010', S: '1:30', B: '1_000' });
  });

  it('has a name as it is written', async () => {
    await using folder = await projectFolder({ 'ecosystem.yaml': yaml('012: a', '1.10: b', 'on: c') });
    expect(await envOf(folder)).toEqual({ '012': 'a', '1.10': 'b', on: 'c' });
  });
});

describe('a variable in JSON', () => {
  it.each([
    ['1.10', '1.10'],
    ['1e21', '1e21'],
    ['12345678901234567890', '12345678901234567890'],
    ['true', 'true'],
    ['"1.10"', '1.10'],
    ['{"a": 1.10}', '{"a":1.10}'],
  ])('%s is the text %s', async (written, text) => {
    await using folder = await projectFolder({
      'ecosystem.json': `{"apps": [{"script": "./api.js", "env": {"E": ${written}}}]}`,
    });
    expect(await envOf(folder)).toEqual({ E: text });
  });
});

describe('a variable in JSON5', () => {
  it.each([
    ['1.10', '1.10'],
    ['0x1F', '0x1F'],
    ['+1', '+1'],
    ['.5', '.5'],
    ['-Infinity', '-Infinity'],
    ['12345678901234567890', '12345678901234567890'],
    ['true', 'true'],
    ["'1.10'", '1.10'],
    ['[1.10, 0x10]', '[1.10,16]'],
  ])('%s is the text %s', async (written, text) => {
    await using folder = await projectFolder({
      'ecosystem.json': `{apps: [{script: './api.js', env: {E: ${written}}}]}`,
    });
    expect(await envOf(folder)).toEqual({ E: text });
  });
});

describe('a text that looks like a number', () => {
  it('is kept in arguments, labels, names and probe commands', async () => {
    await using folder = await projectFolder({
      'ecosystem.yaml': [
        'project: 2024',
        'apps:',
        '  - name: 1.10',
        '    script: ./api.js',
        '    namespace: 007',
        '    labels: { version: 1.10, on: True }',
        '    args: [--level, 012, --ratio, 1.0, --big, 12345678901234567890]',
        '    node_args: [--stack-size=9, 0x10]',
        '    readiness: { exec: { command: [sleep, 0.10] } }',
        '    shutdown: { command: [stop, 012] }',
        '    reload: { command: [load, 1.10] }',
        '  - { name: b, script: ./api.js, depends_on: [1.10] }',
      ].join('\n'),
    });
    const loaded = await folder.load();
    expect(loaded).toMatchObject({ value: { projects: [{ project: '2024' }] } });
    expect(appsOf(loaded)).toMatchObject([
      {
        name: '1.10',
        namespace: '007',
        labels: { version: '1.10', on: 'True' },
        args: ['--level', '012', '--ratio', '1.0', '--big', '12345678901234567890'],
        interpreter_args: ['--stack-size=9', '0x10'],
        readiness: { exec: { command: ['sleep', '0.10'] } },
        shutdown: { command: ['stop', '012'] },
        reload: { command: ['load', '1.10'] },
      },
      { name: 'b', depends_on: { '1.10': 'ready' } },
    ]);
  });

  it('is the home folder where YAML has ~ for nothing and a path is meant', async () => {
    await using folder = await projectFolder({
      'ecosystem.yaml': 'apps: [{ name: a, script: ./api.js, cwd: ~, out_file: ~, env: { A: ~ } }]',
    });
    expect(appsOf(await folder.load())).toMatchObject([{ cwd: folder.path, out_file: null, env: {} }]);
    const elsewhere = { HOME: '/', PATH: '/bin' };
    expect(await folder.load({ environment: elsewhere })).toMatchObject({
      error: [{ code: 'CONFIG_SCRIPT_NOT_FOUND', message: expect.stringContaining('/api.js') as string }],
    });
  });

  it('names an app as the key of a map', async () => {
    await using folder = await projectFolder({ 'ecosystem.yaml': 'apps: { 455: { script: ./api.js } }' });
    expect(appsOf(await folder.load())).toMatchObject([{ name: '455' }]);
  });
});
