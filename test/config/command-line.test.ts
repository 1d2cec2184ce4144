import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { appFromCommandLine } from '../../src/config/command-line.ts';
import type { Failure } from '../../src/lib/failure.ts';
import { projectFolder } from './support/project-folder.ts';

describe('an app from the command line', () => {
  it('is the one app of the project default, checked like that of a file', async () => {
    await using folder = await projectFolder({});
    const warnings: Failure[] = [];
    const app = {
      script: 'api.js',
      name: 'x',
      instances: 4,
      args: ['--', '${HOME}'],
      agent: false,
    };
    const result = appFromCommandLine({
      app,
      environment: { HOME: '/me' },
      cwd: folder.path,
      cpus: 2,
      onWarnings: (list) => warnings.push(...list),
    });
    expect(result).toMatchObject({
      ok: true,
      value: {
        project: 'default',
        source: { files: [], env: null },
        apps: [{ name: 'x', script: join(folder.path, 'api.js'), instances: 4, args: ['--', '${HOME}'] }],
      },
    });
    expect(warnings.map(({ code }) => code)).toEqual(['CONFIG_NO_EFFECT']);
  });

  it('has its errors without a place', async () => {
    await using folder = await projectFolder({});
    const app = { script: 'nope.js', kill_timeout: 'soon' };
    const result = appFromCommandLine({ app, environment: {}, cwd: folder.path, cpus: 2 });
    expect(result.ok ? [] : result.error.map(({ code }) => code)).toEqual([
      'CONFIG_BAD_VALUE',
      'CONFIG_SCRIPT_NOT_FOUND',
    ]);
    expect(JSON.stringify(result)).not.toContain('position');
  });
});
