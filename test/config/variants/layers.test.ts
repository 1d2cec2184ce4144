// What `defaults`, `env`, `templates`, `extends` and `vars` make of the apps of a file.
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { appsOf, failuresOf, projectFolder, warningsOf } from '../support/project-folder.ts';

async function apps(text: string, more: Readonly<Record<string, string>> = {}, options = {}) {
  await using folder = await projectFolder({ 'ecosystem.yaml': text, ...more });
  return appsOf(await folder.load({ files: ['ecosystem.yaml'], ...options }));
}

async function failures(text: string, more: Readonly<Record<string, string>> = {}, options = {}) {
  await using folder = await projectFolder({ 'ecosystem.yaml': text, ...more });
  return failuresOf(await folder.load({ files: ['ecosystem.yaml'], ...options }));
}

describe('defaults', () => {
  it('are what each app has that does not say it itself: maps by key, lists and texts as a whole', async () => {
    const list = await apps(`
defaults:
  kill_timeout: 3s
  args: [x, y]
  env: { A: 1, B: 2 }
  labels: { team: shop, tier: web }
  log_rotate: { size: 5M, keep: 2 }
apps:
  - { name: one, script: ./api.js }
  - name: two
    script: ./api.js
    killTimeout: 9s
    args: [z]
    env: { B: 3, C: 4 }
    labels: { tier: null }
    log_rotate: { keep: 7 }
`);
    const [one, two] = list;
    expect(one).toMatchObject({
      kill_timeout: 3000,
      args: ['x', 'y'],
      env: { A: '1', B: '2' },
      labels: { team: 'shop', tier: 'web' },
      log_rotate: { size: 5 * 1024 * 1024, keep: 2 },
    });
    expect(two).toMatchObject({ kill_timeout: 9000, args: ['z'], labels: { team: 'shop' } });
    expect(two?.env).toEqual({ A: '1', B: '3', C: '4' });
    expect(two?.log_rotate).toMatchObject({ size: 5 * 1024 * 1024, keep: 7 });
    expect(two?.labels).toEqual({ team: 'shop' });
  });

  it('hold in every form in which apps can stand', async () => {
    const forms = [
      'defaults: { kill_timeout: 3s }\napps: { api: { script: ./api.js } }',
      'defaults: { kill_timeout: 3s }\napps: { script: ./api.js }',
      'defaults: { kill_timeout: 3s }\npm2: [{ script: ./api.js }]',
    ];
    for (const form of forms) expect(await apps(form)).toMatchObject([{ name: 'api', kill_timeout: 3000 }]);
    const named = 'defaults: { kill_timeout: 3s }\napps: { script: { script: "npm run a $X" } }';
    expect(await apps(named)).toMatchObject([{ name: 'script', script: 'npm run a $X', kill_timeout: 3000 }]);
  });

  it('are replaced by a map that a template has over something else', async () => {
    const [app] = await apps(`
defaults: { log_rotate: { keep: 9 } }
templates:
  usual: { script: ./api.js, log_rotate: true }
  small: { extends: usual, log_rotate: { size: 5M } }
apps:
  a: { extends: small }
`);
    expect(app?.log_rotate).toMatchObject({ size: 5 * 1024 * 1024 });
    expect(app?.log_rotate).not.toMatchObject({ keep: 9 });
  });

  it('are taken back with null, and give way to another probe', async () => {
    const [app] = await apps(`
defaults: { max_memory_restart: 1G, readiness: { http: { port: 80 }, period: 3s } }
apps: [{ script: ./api.js, max_memory_restart: null, readiness: { tcp: { port: 81 } } }]
`);
    expect(app).toMatchObject({ max_memory_restart: null, readiness: { tcp: { port: 81 }, period: 3000 } });
    expect(app?.readiness).not.toHaveProperty('http');
  });

  it('are checked where they stand, once, whoever uses them', async () => {
    const list = await failures(`
defaults:
  max_memory_restart: 512Q
  fo: 1
  name: x
apps:
  - { name: a, script: ./api.js }
  - { name: b, script: ./api.js, max_memory_restart: 1G }
`);
    expect(list).toMatchObject([
      { code: 'CONFIG_BAD_VALUE', position: { line: 3, column: 23 } },
      { code: 'CONFIG_UNKNOWN_KEY', position: { line: 4, column: 3 } },
      { code: 'CONFIG_UNKNOWN_KEY', position: { line: 5, column: 3 } },
    ]);
    expect(list[0]?.message).toContain('defaults.max_memory_restart: ');
  });

  it('hold for the file servers of PM2 too', async () => {
    const list = await apps(
      'defaults: { kill_timeout: 3s }\napps: [{ script: ./api.js }]\nstatic: [{ path: ., port: 8081 }]\n',
    );
    expect(list).toMatchObject([{ kill_timeout: 3000 }, { kill_timeout: 3000, serve: { port: 8081 } }]);
  });

  it('may be partial where an app could not be', async () => {
    const [app] = await apps(
      'defaults: { readiness: { period: 3s } }\napps: [{ script: ./api.js, readiness: { tcp: { port: 1 } } }]',
    );
    expect(app?.readiness).toMatchObject({ period: 3000, tcp: { port: 1 } });
  });
});

describe('the variables of a project', () => {
  it('are spelt as in the file, and one environment has its own', async () => {
    const text = `
env: { A: 1.10, B: yes }
env_production: { B: no }
apps: [{ script: ./api.js }]
`;
    expect((await apps(text))[0]?.env).toEqual({ A: '1.10', B: 'yes' });
    expect((await apps(text, {}, { env: 'production' }))[0]?.env).toEqual({ A: '1.10', B: 'no' });
  });

  it('are told to whoever has them from PM2, where they did nothing', async () => {
    await using folder = await projectFolder({
      'ecosystem.json': '{"env": {"A": "1"}, "apps": [{"script": "./api.js"}]}',
    });
    const loaded = await folder.load();
    expect(appsOf(loaded)[0]?.env).toEqual({ A: '1' });
    expect(warningsOf(loaded)).toMatchObject([{ code: 'CONFIG_DIFFERS_FROM_PM2', position: { column: 2 } }]);
  });
});

describe('extends', () => {
  it('takes over another app or a template, but for its name', async () => {
    const list = await apps(`
templates:
  node: { kill_timeout: 3s, env: { A: 1 }, extends: base }
  base: { args: [x], max_restarts: 4 }
apps:
  - { name: web, extends: node, script: ./api.js, env: { B: 2 } }
  - { name: web-blue, extends: web, env: { A: 3, B: null }, args: !append [y] }
`);
    expect(list).toMatchObject([
      { name: 'web', kill_timeout: 3000, args: ['x'], max_restarts: 4, env: { A: '1', B: '2' } },
      { name: 'web-blue', kill_timeout: 3000, args: ['x', 'y'], max_restarts: 4 },
    ]);
    expect(list[1]?.env).toEqual({ A: '3' });
  });

  it('takes an app of another file as that makes it, with paths that start there', async () => {
    await using folder = await projectFolder({
      'ecosystem.yaml': `
vars: { level: debug }
defaults: { max_memory_restart: 1G, kill_timeout: 9s }
env: { TZ: UTC }
apps:
  - { name: here, extends: { file: ./lib/base.yaml, app: svc }, env: { B: 2 } }
  - { name: there, extends: { file: lib/base.yaml, app: in-sub }, env_file: ./own.env }
`,
      'own.env': 'OWN=1',
      'lib/base.yaml': `
vars: { level: info, port: 80 }
defaults: { kill_timeout: 3s }
secrets: [LICENCE]
apps:
  svc: { script: ./svc.js, env_file: [./svc.env], env: { A: "\${vars.level} \${vars.port}" } }
templates:
  in-sub: { script: ./x.js, cwd: ./sub, env_file: ./svc.env }
`,
      'lib/svc.js': '',
      'lib/svc.env': 'S=1',
      'lib/sub/x.js': '',
    });
    const list = appsOf(await folder.load({ files: ['ecosystem.yaml'] }));
    const at = (path: string) => join(folder.path, path);
    expect(list).toMatchObject([
      { cwd: at('lib'), script: at('lib/svc.js'), kill_timeout: 3000, secrets: ['LICENCE'] },
      { cwd: at('lib/sub'), script: at('lib/sub/x.js'), env: { TZ: 'UTC', OWN: '1' } },
    ]);
    expect(list[0]?.env).toEqual({ TZ: 'UTC', S: '1', A: 'debug 80', B: '2' });
    expect(list[0]?.max_memory_restart).toBe(1024 ** 3);
  });

  it('may start from JSON, and from standard input', async () => {
    await using folder = await projectFolder({
      'base.json': '{"apps": {"b": {"script": "./api.js", "args": ["x"]}}}',
    });
    const stdin = 'project: p\napps: [{ name: a, extends: { file: base.json, app: b } }]';
    const loaded = await folder.load({ files: ['-'], readStdin: () => Promise.resolve(stdin) });
    expect(appsOf(loaded)).toMatchObject([{ name: 'a', args: ['x'], cwd: folder.path }]);
  });

  it.each([
    [
      'a name that is not there',
      'apps: [{ name: a, extends: nod }]\ntemplates: { node: {} }',
      'CONFIG_UNKNOWN_BASE',
      'did you mean node?',
    ],
    [
      'a file that is not there',
      'apps: [{ name: a, extends: { file: ./bas.json, app: b } }]',
      'CONFIG_NOT_FOUND',
      'did you mean base.json?',
    ],
    [
      'a folder',
      'apps: [{ name: a, extends: { file: ., app: b } }]',
      'CONFIG_UNREADABLE',
      'name the one file',
    ],
    [
      'several documents',
      'apps: [{ name: a, extends: { file: ./two.yaml, app: b } }]',
      'CONFIG_UNREADABLE',
      'a file of its own',
    ],
    ['no name', 'apps: [{ name: a, extends: { file: ./base.json } }]', 'CONFIG_MISSING_KEY', 'app: NAME'],
    [
      'a key that nobody knows',
      'apps: [{ name: a, extends: { fil: x, app: b } }]',
      'CONFIG_UNKNOWN_KEY',
      'did you mean file?',
    ],
    ['a list', 'apps: [{ name: a, extends: [b] }]', 'CONFIG_WRONG_TYPE', 'write the name'],
    ['itself', 'apps: [{ name: a, extends: a }]', 'CONFIG_EXTENDS_CYCLE', undefined],
    ['a template that is no map', 'apps: []\ntemplates: { a: 1 }', 'CONFIG_WRONG_TYPE', 'write the keys'],
    [
      'a name that is an app and a template',
      'apps: [{ name: a, script: ./api.js }]\ntemplates: { a: {} }',
      'CONFIG_DUPLICATE_APP',
      'rename one',
    ],
  ])('%s is one error with its place', async (_what, text, code, hint) => {
    const list = await failures(text, {
      'base.json': '{"apps": {"b": {"script": "./api.js"}}}',
      'two.yaml': 'apps: []\n---\napps: []\n',
    });
    expect(list).toMatchObject([
      { code, position: { file: 'ecosystem.yaml', line: expect.any(Number) as number } },
    ]);
    if (hint !== undefined) expect(list[0]?.hint).toContain(hint);
    expect(list[0]?.frame).toBeDefined();
  });

  it('of a circle shows it once, also across files', async () => {
    const list = await failures(
      `apps:
  - { name: a, extends: b }
  - { name: b, extends: { file: lib/c.yaml, app: c } }
`,
      { 'lib/c.yaml': 'apps: [{ name: c, extends: { file: ../ecosystem.yaml, app: a } }]' },
    );
    expect(list.map(({ code, message }) => [code, message])).toEqual([
      [
        'CONFIG_EXTENDS_CYCLE',
        'apps extend each other: a (ecosystem.yaml) → b (ecosystem.yaml) → c (lib/c.yaml) → a (ecosystem.yaml)',
      ],
    ]);
    expect(list[0]?.position).toMatchObject({ file: 'lib/c.yaml', line: 1 });
  });

  it('in a row without end is an error', async () => {
    const chain = Array.from({ length: 40 }, (_, n) => `  a${n}: { extends: a${n + 1} }`).join('\n');
    const list = await failures(`apps:\n${chain}\n  a40: { script: ./api.js }\n`);
    expect(list[0]).toMatchObject({ code: 'CONFIG_TOO_LARGE' });
  });

  it('of much by many is an error, and no hang', async () => {
    const keys = Array.from({ length: 1000 }, (_, n) => `K${n}: 1`).join(', ');
    const apps = Array.from({ length: 2000 }, (_, n) => `  - { name: a${n}, extends: t, script: ./api.js }`);
    const list = await failures(`templates: { t: { env: { ${keys} } } }\napps:\n${apps.join('\n')}\n`);
    expect(list).toMatchObject([{ code: 'CONFIG_TOO_LARGE' }]);
  });

  it('names the file that a wrong value came from, with its frame and the way', async () => {
    const list = await failures('apps:\n  - { name: web, extends: { file: ./lib/base.yaml, app: svc } }\n', {
      'lib/base.yaml': 'apps:\n  svc:\n    script: ../api.js\n    kill_timeout: soon\n',
    });
    expect(list).toMatchObject([
      {
        code: 'CONFIG_BAD_VALUE',
        message: 'kill_timeout (app "web"): "soon" is not a duration',
        position: { file: 'lib/base.yaml', line: 4, column: 19 },
        details: ['via extends svc (ecosystem.yaml:2:57)'],
      },
    ]);
    expect(list[0]?.frame).toContain('    kill_timeout: soon');
  });

  it('of a file with a mistake shows the mistake there', async () => {
    const list = await failures('apps: [{ name: a, extends: { file: x.yaml, app: a } }]', {
      'x.yaml': 'apps: [\n',
    });
    expect(list[0]).toMatchObject({ code: 'CONFIG_SYNTAX', position: { file: 'x.yaml' } });
    expect(list[0]?.details?.join()).toContain('via extends (ecosystem.yaml:1:36)');
  });
});

describe('null', () => {
  it.each([
    ['apps:\n  - name: a\n    script: null\n', 'CONFIG_MISSING_KEY', 3],
    ['defaults: {}\napps:\n  a:\n    script: null\n', 'CONFIG_MISSING_KEY', 4],
    [
      'templates: { t: { script: ./api.js } }\napps:\n  a: { extends: t, script: null }\n',
      'CONFIG_MISSING_KEY',
      3,
    ],
    ['apps:\n  - script: ./api.js\n    instnces: null\n', 'CONFIG_UNKNOWN_KEY', 3],
    ['defaults: { instnces: null }\napps: [{ script: ./api.js }]\n', 'CONFIG_UNKNOWN_KEY', 1],
  ])('in %j is an error where it stands', async (text, code, line) => {
    expect(await failures(text)).toMatchObject([{ code, position: { line } }]);
  });
});

describe('vars', () => {
  it('stand for themselves where a text is nothing else, and are part of it elsewhere', async () => {
    const [app] = await apps(`
vars: { n: 2, on: true, version: 1.10, host: "\${HOST:-h}", url: "http://\${vars.host}" }
apps:
  - script: ./api.js
    instances: "\${vars.n}"
    watch: \${vars.on}
    version: \${vars.version}
    args: ["\${vars.url}/\${vars.n}", "$\${vars.n}", "\${vars.version}"]
`);
    expect(app).toMatchObject({ instances: 2, version: '1.10', args: ['http://h/2', '${vars.n}', '1.10'] });
    expect(app?.watch).not.toBe(false);
  });

  it('are what --var says, which is taken as it is', async () => {
    const [app] = await apps(
      'vars: { a: 1, b: }\napps: [{ script: ./api.js, env: { A: "${vars.a}-${vars.b}", B: "${vars.b}" } }]',
      {},
      { vars: { a: '2', b: '${HOME} $$' } },
    );
    expect(app?.env).toEqual({ A: '2-${HOME} $$', B: '${HOME} $$' });
  });

  it('are put into shell lines, whose own variables stay', async () => {
    const [app] = await apps(
      'vars: { p: 80 }\napps: [{ name: a, script: "npm run x -- ${vars.p} ${HOME} $X" }]',
    );
    expect(app?.script).toBe('npm run x -- 80 ${HOME} $X');
  });

  it.each([
    ['an unknown name', 'vars: { port: 1 }', '${vars.prt}', 'CONFIG_UNKNOWN_VAR', 'did you mean port?'],
    ['no vars at all', 'x-a: 1', '${vars.prt}', 'CONFIG_UNKNOWN_VAR', 'declare it'],
    ['a name without value', 'vars: { prt: }', '${vars.prt}', 'CONFIG_UNSET_VARIABLE', '--var prt=VALUE'],
    ['a default', 'vars: { a: 1 }', '${vars.a:-x}', 'CONFIG_SYNTAX', 'under `vars`'],
    ['an end that is missing', 'vars: { a: 1 }', '${vars.a', 'CONFIG_SYNTAX', 'write ${vars.NAME}'],
  ])('%s is an error at the reference', async (_what, root, text, code, hint) => {
    const list = await failures(`${root}\napps:\n  - script: ./api.js\n    env: { A: "see ${text}" }\n`);
    expect(list).toMatchObject([{ code, position: { line: 4, column: 20 } }]);
    expect(list[0]?.hint).toContain(hint);
  });

  it.each([
    ['vars: [1]', 'CONFIG_WRONG_TYPE'],
    ['vars: { a: [1] }', 'CONFIG_WRONG_TYPE'],
    ['vars: { a b: 1 }', 'CONFIG_BAD_VALUE'],
    ['vars: { a: "${vars.b}", b: "${vars.a}" }', 'CONFIG_VAR_CYCLE'],
    ['vars: { __proto__: 1 }', 'CONFIG_UNKNOWN_KEY'],
  ])('%s is an error', async (root, code) => {
    expect(await failures(`${root}\napps: []\n`)).toMatchObject([{ code, position: { line: 1 } }]);
  });

  it.each([
    ['no value', 'vars: { s: }', 'CONFIG_UNSET_VARIABLE'],
    ['no such name', 'vars: { t: 1 }', 'CONFIG_UNKNOWN_VAR'],
    ['a list', 'vars: { s: [1] }', 'CONFIG_WRONG_TYPE'],
    ['a circle', 'vars: { s: "${vars.t}", t: "${vars.u}", u: "${vars.s}" }', 'CONFIG_VAR_CYCLE'],
  ])('%s is said once, whatever it was meant for', async (_what, root, code) => {
    for (const field of ['args: [a, "${vars.s}"]', 'instances: "${vars.s}"', 'instances: "${vars.s}0"']) {
      const list = await failures(`${root}\napps: [{ script: ./api.js, ${field} }]\n`);
      expect(list.map((failure) => failure.code)).toEqual([code]);
    }
    const bare = await failures(`${root}\napps: [{ name: a, script: "\${vars.s}" }]\n`);
    expect(bare.map((failure) => failure.code)).toEqual([code]);
  });

  it.each([
    ['an app', 'vars: { n: api }\napps:\n  ${vars.n}: { script: ./api.js }\n'],
    ['a variable', 'vars: { n: A }\napps:\n  a: { script: ./api.js, env: { "${vars.n}": 1 } }\n'],
  ])('are no part of the key of %s', async (_what, text) => {
    expect(await failures(text)).toMatchObject([{ code: 'CONFIG_SYNTAX', position: { line: 3 } }]);
  });

  it('that are secrets by their names, or by those that the file lists, are secrets under every name', async () => {
    const [app] = await apps(
      `vars: { db_password: hunter22, my_code: xyzzy, url: "pg://\${vars.db_password}@h", plain: p }
secrets: ['*_code']
env: { ALL: "\${vars.db_password}" }
defaults: { env: { D: "\${vars.url}" } }
apps:
  - script: ./api.js
    env: { A: "\${vars.db_password}", B: "b \${vars.my_code}", C: "\${vars.plain}", TOKEN: "\${vars.db_password}" }
    env_prod: { P: "\${vars.my_code}" }
    labels: { l: "\${vars.my_code}" }
    secrets: [X]
`,
      {},
      { env: 'prod', vars: { db_password: 'other' } },
    );
    expect(app?.env).toMatchObject({ A: 'other', ALL: 'other', D: 'pg://other@h', P: 'xyzzy' });
    expect(app?.secrets.toSorted()).toEqual(['*_code', 'A', 'ALL', 'B', 'D', 'P', 'X', 'l']);
  });

  it('that are secrets are not kept with what they were given', async () => {
    await using folder = await projectFolder({
      'ecosystem.yaml':
        'secrets: ["*_code"]\nvars: { my_code: , db_password: , tag: }\napps: [{ script: ./api.js }]\n',
    });
    const vars = { my_code: 'xyzzy', db_password: 'hunter22', tag: '1' };
    const loaded = await folder.load({ vars });
    expect(loaded.ok && loaded.value.projects[0]?.source.vars).toEqual({
      my_code: '<redacted>',
      db_password: '<redacted>',
      tag: '1',
    });
  });

  it('of --var that no file has is an error', async () => {
    const list = await failures('vars: { port: 1 }\napps: []', {}, { vars: { prot: '2' } });
    expect(list).toMatchObject([{ code: 'CONFIG_UNKNOWN_VAR', hint: 'did you mean port?' }]);
  });

  it('points at the value where that is what is wrong', async () => {
    const list = await failures('vars: { n: many }\napps: [{ script: ./api.js, kill_timeout: "${vars.n}" }]');
    expect(list).toMatchObject([
      { position: { line: 1, column: 12 }, details: ['via vars.n (ecosystem.yaml:2:42)'] },
    ]);
  });
});

describe('!append', () => {
  it.each([
    ['where nothing is below', 'apps: [{ script: ./api.js, args: !append [x] }]'],
    ['over a text', 'defaults: { args: a b }\napps: [{ script: ./api.js, args: !append [x] }]'],
    [
      'in a template that nothing is below',
      'templates: { t: { args: !append [x] } }\napps: [{ script: ./api.js, extends: t }]',
    ],
  ])('is an error %s', async (_where, text) => {
    expect(await failures(text)).toMatchObject([
      { code: 'CONFIG_MERGE', position: { file: 'ecosystem.yaml' } },
    ]);
  });

  it('in a template adds to what the template extends, or to what an app has below it', async () => {
    const list = await apps(`
defaults: { args: [d] }
templates:
  base: { script: ./api.js, args: [x] }
  more: { extends: base, args: !append [y] }
  other: { script: ./api.js, args: !append [z] }
  unused: { args: !append [u] }
apps:
  a: { extends: more }
  b: { extends: more, args: !append [b] }
  c: { extends: other }
`);
    expect(list.map(({ args }) => args)).toEqual([
      ['x', 'y'],
      ['x', 'y', 'b'],
      ['d', 'z'],
    ]);
  });

  it('before anything but a list is an error', async () => {
    expect(await failures('apps: [{ script: ./api.js, args: !append x }]')).toMatchObject([
      { code: 'CONFIG_SYNTAX', message: '!append stands before a list' },
    ]);
  });
});
