import { join } from 'node:path';
import { parse } from 'yaml';
import { describe, expect, it } from 'vitest';
import { importCompose } from '../../../src/import/compose/compose.ts';
import type { ImportResult } from '../../../src/import/model/imported.ts';
import { err, ok } from '../../../src/lib/result.ts';
import { rendered } from '../support/render.ts';

/** Files in folders below /srv; the first names are given, all can be opened. */
function imported(files: Readonly<Record<string, string>>, ...given: readonly string[]): ImportResult {
  const at = (path: string) => ({
    shown: path.slice('/srv/'.length),
    text: files[path.slice('/srv/'.length)] ?? '',
    folder: join(path, '..'),
  });
  const [first, ...over] = given.map((name) => at(join('/srv', name)));
  if (first === undefined) throw new Error('name a file');
  return importCompose([first, ...over], {
    open: (path, folder) => {
      const name = join(folder, path);
      if (files[name.slice('/srv/'.length)] !== undefined) return ok(at(name));
      return err({ code: 'CONFIG_NOT_FOUND', message: `cannot read ${path}: no such file or folder` });
    },
    hasDotEnv: true,
  });
}

type App = Readonly<Record<string, unknown>>;

function appsOf(result: ImportResult): Readonly<Record<string, App>> {
  if (!result.ok) throw new Error(JSON.stringify(result.error));
  return Object.fromEntries(result.value.apps.map(({ name, fields }) => [name, fields]));
}

function errorsOf(result: ImportResult): readonly string[] {
  if (result.ok) throw new Error('it is fine');
  return result.error.map(
    ({ position, message }) => `${position?.file ?? ''}:${position?.line ?? ''} ${message}`,
  );
}

describe('compose files', () => {
  it('are laid over each other: maps by key, lists added, commands replaced, and what is reset is gone', () => {
    const apps = appsOf(
      imported(
        {
          'a.yaml': `services:
  web: { command: [node, web.js, -v], environment: [A=1, B=2], ports: ["80:80"], env_file: a.env, profiles: [x] }
  old: { command: node old.js }
  job: { command: node job.js, restart: always }
`,
          'b.yaml': `services:
  web:
    command: [node, web2.js]
    environment: { B: 3, C: 4 }
    ports: ["81:81"]
    env_file: [b.env]
    profiles: !reset []
    healthcheck: { test: [CMD, "true"] }
  old: !reset null
  job: { restart: !reset null }
  new: { command: node new.js }
`,
          'c.yaml': 'services: { web: { ports: !override ["9:9"] } }',
        },
        'a.yaml',
        'b.yaml',
        'c.yaml',
      ),
    );
    expect(Object.keys(apps)).toEqual(['web', 'job', 'new']);
    expect(apps['web']).toMatchObject({
      script: './web2.js',
      env: { A: '1', B: '3', C: '4' },
      port: 9,
      env_file: ['a.env', 'b.env'],
    });
    expect(apps['web']).not.toHaveProperty('args');
    expect(apps['web']).not.toHaveProperty('autostart');
    expect(apps['job']).toMatchObject({ autorestart: false });
  });

  it('have services that extend others, here and in other files, whose paths are theirs', () => {
    const apps = appsOf(
      imported(
        {
          'compose.yaml': `x-base: &base { restart: always }
services:
  web:
    <<: *base
    extends: { file: common/base.yaml, service: node }
    command: node web.js
    environment: { LEVEL: warn }
  canary: { extends: web, environment: [CANARY=1] }
  same: { extends: { file: common/base.yaml, service: root } }
`,
          'common/base.yaml': `services:
  root: { command: node base.js, environment: { LEVEL: info, BASE: 1 }, env_file: { path: base.env } }
  node: { extends: { service: root }, working_dir: /app/src, volumes: ["./app:/app", "data:/data"] }
`,
        },
        'compose.yaml',
      ),
    );
    expect(apps['canary']).toMatchObject({
      script: './web.js',
      cwd: './common/app/src',
      env_file: './common/base.env',
      env: { LEVEL: 'warn', BASE: '1', CANARY: '1' },
    });
    expect(apps['canary']).not.toHaveProperty('autorestart');
    expect(apps['same']).toMatchObject({ script: './base.js', env: { LEVEL: 'info' } });
  });

  it('include others, whose services run in their own folders', () => {
    const apps = appsOf(
      imported(
        {
          'compose.yaml':
            'include: [db/compose.yaml, { path: [q/a.yaml, q/b.yaml] }]\nservices: { web: { command: node web.js, depends_on: [db] } }',
          'db/compose.yaml':
            'include: [sub/s.yaml]\nservices: { db: { command: node db.js, env_file: x.env } }',
          'db/sub/s.yaml': 'services: { deep: { command: node deep.js } }',
          'q/a.yaml': 'services: { queue: { command: node q.js } }',
          'q/b.yaml': 'services: { queue: { environment: [Q=1] } }',
        },
        'compose.yaml',
      ),
    );
    expect(apps).toMatchObject({
      deep: { script: './deep.js', cwd: './db/sub' },
      db: { script: './db.js', cwd: './db', env_file: './db/x.env' },
      queue: { cwd: './q', env: { Q: '1' } },
      web: { depends_on: { db: 'started' } },
    });
    expect(apps['web']).not.toHaveProperty('cwd');
  });

  it.each([
    [
      { 'c.yaml': 'services:\n  a: { extends: b, command: x }\n  b: { extends: a }\n' },
      'c.yaml:2 services.a extends itself',
    ],
    [
      { 'c.yaml': 'services:\n  a: { extends: bb, command: x }\n  b: { command: y }\n' },
      'c.yaml:2 c.yaml has no service "bb"',
    ],
    [
      { 'c.yaml': 'services:\n  a: { extends: { file: no.yaml, service: b } }\n' },
      'c.yaml:2 cannot read no.yaml: no such file or folder',
    ],
    [
      {
        'c.yaml': 'include: [d.yaml]\nservices: { a: { command: x } }',
        'd.yaml': 'services: { a: { command: y } }',
      },
      'c.yaml:2 services.a: a file that is included has a service of this name',
    ],
    [
      { 'c.yaml': 'include: [d.yaml]', 'd.yaml': 'include: [c.yaml]' },
      'files include each other more than 16 deep',
    ],
    [{ 'c.yaml': 'include: [d.yaml]', 'd.yaml': 'services: { a: 3 }' }, 'd.yaml:1 services.a must be a map'],
    [{ 'c.yaml': 'services: { a: !resett { command: x } }' }, 'c.yaml:1 Unresolved tag: !resett'],
  ])('say where it is when they do not fit: %j', (files, message) => {
    const errors = errorsOf(imported(files, 'c.yaml'));
    expect(errors[0]).toContain(message);
  });

  it('keep what their variables fall back to, and say what has no form here', () => {
    const result = imported(
      {
        'c.yaml': `name: shop
include: ["https://example.com/c.yaml"]
services:
  web:
    command: ["run", "$A", "\${B}", "\${C-c}", "\${D:-d}", "\${E?e}", "$$F", "\${G:-\${H}}", "\${I:+i}"]
    profiles: [debug]
    labels: { tier: web, "traefik.enable": "true" }
`,
      },
      'c.yaml',
    );
    if (!result.ok) throw new Error(JSON.stringify(result.error));
    const text = rendered(result.value);
    expect(text).toContain('not imported: include https://example.com/c.yaml');
    expect(text).toContain('Compose takes it from .env too');
    expect(text).toContain('# ${I:+i}: stateward has ${NAME}');
    expect(text).toContain('not imported: labels: {"traefik.enable":"true"}');
    expect(parse(text)).toMatchObject({
      project: 'shop',
      apps: [
        {
          args: ['${A}', '${B}', '${C:-c}', '${D:-d}', '${E:?e}', '$$F', '${G:?it has no default here}', ''],
          autostart: false,
          namespace: 'debug',
          labels: { tier: 'web' },
        },
      ],
    });
  });
});
