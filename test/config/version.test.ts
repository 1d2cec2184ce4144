import { describe, expect, it } from 'vitest';
import { appsOf, failuresOf, projectFolder, warningsOf } from './support/project-folder.ts';

async function versionsOf(
  yaml: string,
  environment: Readonly<Record<string, string>> = {},
): Promise<readonly (string | null)[]> {
  await using folder = await projectFolder({ 'ecosystem.yaml': yaml });
  const loaded = await folder.load({ environment: { PATH: '/usr/bin:/bin', ...environment } });
  return appsOf(loaded).map(({ version }) => version);
}

const APPS = [
  'apps:',
  '  - { name: a, script: ./api.js }',
  '  - { name: b, script: ./api.js, version: 7.10 }',
];

describe('the version of a project', () => {
  it('is that of every app that names none itself, spelt as in the file', async () => {
    expect(await versionsOf(['version: 1.10', ...APPS].join('\n'))).toEqual(['1.10', '7.10']);
    expect(await versionsOf(APPS.join('\n'))).toEqual([null, '7.10']);
  });

  it('takes variables of the environment', async () => {
    const yaml = ['version: "${GIT_SHA:-}"', ...APPS].join('\n');
    expect(await versionsOf(yaml, { GIT_SHA: 'e7c118e' })).toEqual(['e7c118e', '7.10']);
    expect(await versionsOf(yaml)).toEqual([null, '7.10']);
  });

  it('does not hold for an app that names none on purpose', async () => {
    const yaml =
      'version: 2\napps: [{ name: a, script: ./api.js, version: "" }, { name: b, script: ./api.js }]';
    expect(await versionsOf(yaml)).toEqual([null, '2']);
  });

  it('is known beside the apps in JSON and in a map of apps too', async () => {
    await using folder = await projectFolder({
      'ecosystem.json': '{"version": "3", "apps": {"api": {"script": "./api.js"}}}',
    });
    const loaded = await folder.load();
    expect(appsOf(loaded)).toMatchObject([{ name: 'api', version: '3' }]);
    expect(warningsOf(loaded)).toEqual([]);
  });

  it('is refused in its place where it is no text', async () => {
    await using folder = await projectFolder({ 'ecosystem.yaml': ['version: [1]', ...APPS].join('\n') });
    expect(failuresOf(await folder.load())).toMatchObject([
      { code: 'CONFIG_WRONG_TYPE', position: { line: 1, column: 10 } },
    ]);
  });
});
