// `config render`: what files come to, and where each value stands.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { resolvedProjects, resolvedText, type ResolvedProject } from '../../../src/cli/variants/resolved.ts';
import { loadDocuments } from '../../../src/config/load.ts';
import type { LoadOptions } from '../../../src/config/load-options.ts';
import { appsOf, projectFolder, type ProjectFolder } from '../support/project-folder.ts';

async function render(
  folder: ProjectFolder,
  options: Partial<LoadOptions>,
  showSecrets = true,
): Promise<readonly ResolvedProject[]> {
  const base: LoadOptions = {
    files: ['base.yaml'],
    env: null,
    environment: { PATH: '/usr/bin', HOME: folder.path },
    cwd: folder.path,
    cpus: 4,
    jsEvaluatorPath: '/nowhere',
    readStdin: () => Promise.resolve(''),
    ...options,
  };
  const loaded = await loadDocuments(base);
  if (!loaded.ok) throw new Error(loaded.error.map(({ message }) => message).join('\n'));
  const { env, cwd } = base;
  return resolvedProjects(loaded.value, { env, cwd, home: folder.path, showSecrets });
}

const FILES = {
  'base.yaml': `project: shop
vars: { port: 80 }
env: { TZ: UTC }
defaults: { kill_timeout: 3s, env: { D: "\${HOME} $$ \${vars.port}" } }
apps:
  - name: web
    extends: { file: lib/b.yaml, app: t }
    script: ./api.js
    args: [a]
    env: { TOKEN: hunter22 }
    env_prod: { P: 1 }
`,
  'prod.yaml': 'apps:\n  web: { args: !append [b], instances: 2 }\n',
  'lib/b.yaml': 'templates: { t: { env_file: ./t.env, max_restarts: 3 } }\napps: []\n',
  'lib/t.env': '# one\nT=1\n',
};

describe('config render', () => {
  it('names the file, the line and the way of each value', async () => {
    await using folder = await projectFolder(FILES);
    const [project] = await render(folder, {
      files: ['base.yaml', 'prod.yaml'],
      merge: true,
      env: 'prod',
      vars: { port: '81' },
    });
    expect(project?.origins).toMatchObject({
      project: { file: 'base.yaml', line: 1, column: 10, via: null },
      'apps[0].name': { file: 'base.yaml', line: 6, via: null },
      'apps[0].args[0]': { file: 'base.yaml', line: 9, via: null },
      'apps[0].args[1]': { file: 'prod.yaml', line: 2, column: 25, via: null },
      'apps[0].instances': { file: 'prod.yaml', line: 2, via: null },
      'apps[0].kill_timeout': { file: 'base.yaml', line: 4, via: 'defaults' },
      'apps[0].max_restarts': { file: 'lib/b.yaml', line: 1, via: 'extends t' },
      'apps[0].env.TZ': { file: 'base.yaml', line: 3, via: 'project env' },
      'apps[0].env.T': { file: join(folder.path, 'lib/t.env'), line: 2, via: 'env_file' },
      'apps[0].env.D': { file: 'base.yaml', line: 4, via: 'defaults' },
      'apps[0].env.P': { file: 'base.yaml', line: 11, via: 'env_prod' },
    });
    expect(await resolvedText(project === undefined ? [] : [project])).toContain(
      'kill_timeout: 3s # defaults, base.yaml:4\n',
    );
  });

  it('hides secrets unless somebody asks for them', async () => {
    await using folder = await projectFolder(FILES);
    expect(JSON.stringify(await render(folder, {}, false))).not.toContain('hunter22');
    expect(JSON.stringify(await render(folder, {}, true))).toContain('hunter22');
  });

  it('says --var of a value that came from there', async () => {
    await using folder = await projectFolder({
      'base.yaml': 'vars: { n: 1 }\napps: [{ script: ./api.js, max_restarts: "${vars.n}" }]',
    });
    const [project] = await render(folder, { vars: { n: '7' } });
    expect(project?.origins['apps[0].max_restarts']).toEqual({ file: '--var n', via: 'vars.n' });
  });

  it('gives a file that means the same, whatever it was made of, and places that are there', async () => {
    const layer = fc.record(
      {
        args: fc.array(fc.constantFrom('a', '$x', '${HOME}', '1', '- b', '#c'), { maxLength: 3 }),
        env: fc.dictionary(
          fc.constantFrom('A', 'B', 'C'),
          fc.constantFrom('x', '$$', '1.10', 'no', 'a: b', '"q"\nr'),
        ),
        labels: fc.dictionary(fc.constantFrom('l', 'm'), fc.constantFrom('x', 'y z')),
        kill_timeout: fc.constantFrom('3s', '250ms', '5s'),
        instances: fc.constantFrom(1, 2),
        max_memory_restart: fc.constantFrom('300M', '1.5G'),
        log_rotate: fc.constantFrom<unknown>({ size: '5M' }, { keep: 2 }, null),
        readiness: fc.constantFrom<unknown>({ tcp: { port: 80 } }, { http: { port: 81, path: '/' } }, null),
      },
      { requiredKeys: [] },
    );
    await fc.assert(
      fc.asyncProperty(layer, layer, layer, layer, async (defaults, template, app, patch) => {
        await using folder = await projectFolder({
          // JSON is YAML, so that every value stands as it is.
          'base.yaml': JSON.stringify({
            project: 'p',
            env: { Z: '1' },
            defaults,
            templates: { t: template },
            apps: { web: { script: './api.js', extends: 't', ...app }, other: { script: './api.js' } },
          }),
          'over.json': JSON.stringify({ apps: { web: patch } }),
        });
        const options = {
          files: ['base.yaml', 'over.json'],
          merge: true,
          environment: { HOME: folder.path },
        };
        const before = appsOf(await folder.load(options));
        const projects = await render(folder, options);
        await folder.write({ 'elsewhere/rendered.yaml': await resolvedText(projects) });
        const after = appsOf(
          await folder.load({ files: ['elsewhere/rendered.yaml'], environment: { HOME: folder.path } }),
        );
        expect(after).toEqual(before);
        for (const { file, line, column } of Object.values(projects[0]?.origins ?? {})) {
          const text = readFileSync(join(folder.path, file), 'utf8').split('\n')[(line ?? 0) - 1];
          expect(text?.length).toBeGreaterThanOrEqual(column ?? Infinity);
        }
      }),
      { numRuns: 40 },
    );
  }, 60_000);
});
