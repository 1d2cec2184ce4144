import { describe, expect, it } from 'vitest';
import type { AppSpec } from '../../../src/spec/types.ts';
import { appsOf, projectFolder, warningsOf } from '../support/project-folder.ts';

async function yamlApp(
  lines: readonly string[],
  more: Readonly<Record<string, string>> = {},
): Promise<AppSpec> {
  const text = ['apps:', '  - name: a', ...lines.map((line) => `    ${line}`)].join('\n');
  await using folder = await projectFolder({ 'ecosystem.yaml': text, ...more });
  const [app] = appsOf(await folder.load({ environment: { HI: 'caller', PATH: `${folder.path}/../bin` } }));
  if (app === undefined) throw new Error('no app');
  return app;
}

describe('${VAR} in a shell line', () => {
  it('is left to the shell, in YAML', async () => {
    const app = await yamlApp(['script: "echo V=${HI} ${HI:-x} $$ ${NO:?no}"', 'env: { HI: "of ${HI}" }']);
    expect(app).toMatchObject({
      shell: true,
      script: 'echo V=${HI} ${HI:-x} $$ ${NO:?no}',
      env: { HI: 'of caller' },
    });
  });

  it('is left to the shell, in JSON', async () => {
    await using folder = await projectFolder({
      'ecosystem.json': '{"apps": [{"cmd": "echo V=${HI}", "env": {"HI": "app"}}]}',
    });
    expect(appsOf(await folder.load({ environment: { HI: 'caller' } }))).toMatchObject([
      { script: 'echo V=${HI}', env: { HI: 'app' } },
    ]);
  });

  it.each([
    '{"script": "echo ${HI} x"}',
    '[{"script": "echo ${HI} x"}]',
    '{"apps": {"a": {"exec": "echo ${HI} x"}}}',
  ])('is left to the shell in every root form: %s', async (text) => {
    await using folder = await projectFolder({ 'ecosystem.json': text });
    expect(appsOf(await folder.load({ environment: { HI: 'caller' } }))).toMatchObject([
      { script: 'echo ${HI} x' },
    ]);
  });

  it('may be escaped as elsewhere', async () => {
    expect(await yamlApp(['script: "echo $${HI} $$"'])).toMatchObject({ script: 'echo ${HI} $$' });
  });

  it('is left to the shell where `shell` says that it is one', async () => {
    expect(await yamlApp(['script: "${HI}"', 'shell: true'])).toMatchObject({ script: '${HI}' });
    expect(await yamlApp(['script: "${HI}"', 'shell: /bin/sh'])).toMatchObject({ script: '${HI}' });
  });

  it.each([
    ['a file whose name has blanks', 'script: "my ${HI}.js"', { 'my caller.js': '' }, 'my caller.js'],
    ['a file', 'script: "./${HI}.js"', { 'caller.js': '' }, 'caller.js'],
  ])('is ours in the name of %s', async (_what, line, files, name) => {
    expect((await yamlApp([line], files)).script.endsWith(`/${name}`)).toBe(true);
  });

  it('is ours where the whole script is one reference', async () => {
    expect(await yamlApp(['script: "${RUN:-node x.js --port 1}"'])).toMatchObject({
      script: 'node x.js --port 1',
      shell: true,
    });
  });

  it('is left to a shell that a command names', async () => {
    const app = await yamlApp([
      'script: bash',
      'args: [-c, "echo ${HI}", "${HI}"]',
      'readiness: { exec: { command: [sh, -ec, "test -n ${HI}", "${HI}"] } }',
      'liveness: { exec: { command: [check, "${HI}"] } }',
      'shutdown: { command: [sh, -c, "kill ${MAINPID}"] }',
      'reload: { command: [sh, -c, "kill -HUP ${MAINPID} && echo ${HI}", "${HI}"] }',
    ]);
    expect(app).toMatchObject({
      shutdown: { command: ['sh', '-c', 'kill ${MAINPID}'] },
      reload: { command: ['sh', '-c', 'kill -HUP ${MAINPID} && echo ${HI}', 'caller'] },
      args: ['-c', 'echo ${HI}', 'caller'],
      readiness: { exec: { command: ['sh', '-ec', 'test -n ${HI}', 'caller'] } },
      liveness: { exec: { command: ['check', 'caller'] } },
    });
  });

  it('is left to a shell that another program starts', async () => {
    const line = { env: { HI: 'app' } };
    expect(
      await yamlApp([
        'script: ./api.js',
        'args: ["A=${HI}", /bin/bash, -c, "echo ${HI}"]',
        'env: { HI: app }',
      ]),
    ).toMatchObject({ ...line, args: ['A=caller', '/bin/bash', '-c', 'echo ${HI}'] });
    expect(
      await yamlApp(['script: ./api.js', `args: "nice sh -ec 'echo \${HI}'"`, 'env: { HI: app }']),
    ).toMatchObject({ ...line, args: ['nice', 'sh', '-ec', 'echo ${HI}'] });
    expect(await yamlApp(['script: ./api.js', 'args: [sh, "x", -c, "${HI}"]'])).toMatchObject({
      args: ['sh', 'x', '-c', 'caller'],
    });
  });

  it('is ours in the arguments of a file', async () => {
    const app = await yamlApp(['script: ./api.js', 'args: "--x ${HI}"', 'env: { A: "${HI} b" }']);
    expect(app).toMatchObject({ args: ['--x', 'caller'], env: { A: 'caller b' } });
  });

  it('is warned of where the command has the variable and the app has not', async () => {
    await using folder = await projectFolder({ 'ecosystem.yaml': 'apps:\n  - script: "echo ${HI} x"' });
    const warnings = warningsOf(await folder.load({ environment: { HI: 'caller' } }));
    expect(warnings).toMatchObject([
      {
        code: 'CONFIG_UNSET_VARIABLE',
        position: { line: 2 },
        hint: expect.stringContaining('inherit_env') as string,
      },
    ]);
    expect(warningsOf(await folder.load({ environment: {} }))).toEqual([]);
  });
});
