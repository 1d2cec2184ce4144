import { describe, expect, it } from 'vitest';
import { appsOf, failuresOf, projectFolder } from '../support/project-folder.ts';

describe('`secrets` of a file', () => {
  it('are those of the root and those of the app', async () => {
    await using folder = await projectFolder({
      'ecosystem.yaml': [
        'secrets: [LICENSE]',
        'apps:',
        '  - { name: a, script: ./api.js, secrets: ["*_PIN", LICENSE] }',
        '  - { name: b, script: ./api.js }',
      ].join('\n'),
    });
    expect(appsOf(await folder.load())).toMatchObject([
      { name: 'a', secrets: ['LICENSE', '*_PIN'] },
      { name: 'b', secrets: ['LICENSE'] },
    ]);
  });

  it('are names', async () => {
    await using folder = await projectFolder({
      'ecosystem.yaml': 'secrets: LICENSE\napps: [{ script: ./api.js, secrets: [{ a: 1 }] }]',
    });
    expect(failuresOf(await folder.load())).toMatchObject([
      { code: 'CONFIG_WRONG_TYPE', position: { line: 1 } },
      { code: 'CONFIG_WRONG_TYPE', position: { line: 2 } },
    ]);
  });
});

describe('the frame of an error', () => {
  const TOKEN = `ghp_${'aB3d'.repeat(9)}`;
  it.each([
    ['a variable', `env: { SESSION: s3cret, A: 1, B: x }`],
    ['a listed name', `env: { LICENSE: s3cret }`],
    ['a token', `env: { A: ${TOKEN} }`],
    ['a URL', `env: { A: "postgres://u:s3cret@h" }`],
    ['a flag', `args: [--token, s3cret]`],
    ['a query', `http: { path: "/h?token=s3cret", x: 1 }`],
    ['a shell line', `command: [sh, -c, "run --password s3cret -u me:s3cret"]`],
    ['a header', `command: [curl, -H, "X-Api-Key: s3cret"]`],
  ])('shows no secret of %s', async (_what, text) => {
    await using folder = await projectFolder({
      'ecosystem.yaml': `secrets:\n  - LICENSE\napps:\n  - script: ./api.js\n    wrong: { ${text} }`,
    });
    const [failure] = failuresOf(await folder.load());
    expect(failure?.frame).toContain('wrong: {');
    expect(failure?.frame).not.toContain('s3cret');
    expect(failure?.frame).not.toContain(TOKEN);
    expect(failure?.frame?.split('\n')[0]?.endsWith('}')).toBe(true);
  });
});
