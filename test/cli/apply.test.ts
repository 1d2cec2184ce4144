import { once } from 'node:events';
import { mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { hashShown } from '../../src/api/contract/shown-plan.ts';
import type { ApplyRequest } from '../../src/api/contract/wire/apply.ts';
import type { DriftInfo } from '../../src/api/contract/wire/drift/drift.ts';
import type { Change, PlanSummary } from '../../src/plan/model/plan.ts';
import { buildCli } from './support/build.ts';
import type { BuiltCli } from './support/build.ts';
import { NO_CHANGE, planDocument } from './support/canned.ts';
import type { Canned } from './support/canned.ts';
import { app, appList } from './support/fixtures.ts';
import { createRoom } from './support/run.ts';
import type { Room } from './support/run.ts';

let cli: BuiltCli;
beforeAll(async () => {
  cli = await buildCli();
});
afterAll(() => cli[Symbol.asyncDispose]());

const ECOSYSTEM = `project: shop
apps:
  - name: api
    script: ./api.js
    instances: 1
    env: { API_TOKEN: new-secret, LOG_LEVEL: debug }
`;

const roll: Change = {
  app: 'shop/api',
  kind: 'roll',
  reason: 'TemplateChanged',
  fields: [{ path: 'env.LOG_LEVEL', before: 'info', after: 'debug', class: 'template', redacted: false }],
  instancesBefore: 1,
  instancesAfter: 1,
  touches: 1,
};
const rollSummary: PlanSummary = {
  ...NO_CHANGE,
  roll: 1,
  unchanged: 0,
  processesTouched: 1,
  processesUntouched: 0,
};
const rollPlan = planDocument({ changes: [roll], summary: rollSummary });
const target = { app: 'shop/api', generation: 3, gone: false } as const;

/** A room with an ecosystem file, and the requests that its daemon gets. */
async function shop(canned: Partial<Canned> = {}): Promise<Room & { readonly requests: ApplyRequest[] }> {
  const room = await createRoom(cli);
  await writeFile(join(room.cwd, 'ecosystem.yaml'), ECOSYSTEM);
  await writeFile(join(room.cwd, 'api.js'), '');
  const requests: ApplyRequest[] = [];
  await room.serve({
    plan: rollPlan,
    ...canned,
    onRequest: (request) => {
      if ('projects' in request) requests.push(request);
    },
  });
  return { ...room, requests, [Symbol.asyncDispose]: () => room[Symbol.asyncDispose]() };
}

describe('validate', () => {
  it('needs no daemon and says what it found', async () => {
    await using room = await createRoom(cli);
    await writeFile(join(room.cwd, 'ecosystem.yaml'), ECOSYSTEM);
    await writeFile(join(room.cwd, 'api.js'), '');
    expect(await room.run(['validate'])).toEqual({ code: 0, stdout: 'shop: 1 app, valid\n', stderr: '' });
    const json = await room.run(['validate', '-f', 'ecosystem.yaml', '-o', 'json']);
    expect(JSON.parse(json.stdout)).toEqual({
      valid: true,
      projects: [{ project: 'shop', apps: ['api'] }],
      warnings: [],
    });
  });

  it('reports every error with its place and exits 65', async () => {
    await using room = await createRoom(cli);
    await writeFile(
      join(room.cwd, 'bad.yaml'),
      ECOSYSTEM.replace('instances: 1', 'instnces: 1\n    kill_timeout: soon'),
    );
    await writeFile(join(room.cwd, 'api.js'), '');
    const ran = await room.run(['validate', '-f', 'bad.yaml']);
    expect(ran).toMatchObject({ code: 65, stdout: '' });
    expect(ran.stderr).toContain('error[CONFIG_UNKNOWN_KEY]');
    expect(ran.stderr).toMatch(/--> .*bad\.yaml:5:5\n/);
    expect(ran.stderr).toMatch(/\d+ errors\n$/);
    const json = await room.run(['validate', '-f', 'bad.yaml', '-o', 'json']);
    expect(json.code).toBe(65);
    const { error, errors } = JSON.parse(json.stdout) as { error: object; errors: object[] };
    expect(error).toMatchObject({ code: 'CONFIG_UNKNOWN_KEY', position: { line: 5, column: 5 } });
    expect(errors.length).toBeGreaterThan(1);
  });

  it('says that there is no file rather than guess', async () => {
    await using room = await createRoom(cli);
    const ran = await room.run(['validate']);
    expect(ran.code).toBe(65);
    expect(ran.stderr).toContain('error[CONFIG_NOT_FOUND]: there is no ecosystem file in');
  });

  it('warns of what this host lacks where CI is set, and leaves it out where that is asked for', async () => {
    await using room = await createRoom(cli);
    await writeFile(join(room.cwd, 'ecosystem.yaml'), ECOSYSTEM);
    expect(await room.run(['validate'])).toMatchObject({ code: 65 });
    expect(await room.run(['validate'], { env: { CI: 'false' } })).toMatchObject({ code: 65 });
    const ci = await room.run(['validate'], { env: { CI: 'true' } });
    expect(ci).toMatchObject({ code: 0, stdout: 'shop: 1 app, valid\n' });
    expect(ci.stderr).toContain('warning[CONFIG_SCRIPT_NOT_FOUND]');
    expect(await room.run(['validate', '--no-host-checks'])).toMatchObject({ code: 0, stderr: '' });
    expect(await room.run(['plan'], { env: { CI: 'true' } })).toMatchObject({ code: 65 });
  });

  it.each(['nope.json', 'nope.yaml'])('a plan that is not there is no such file: %s', async (name) => {
    await using room = await createRoom(cli);
    await writeFile(join(room.cwd, 'node.json'), '{}');
    const ran = await room.run(['apply', name]);
    expect(ran).toMatchObject({ code: 65 });
    expect(ran.stderr).toContain(`error[CONFIG_NOT_FOUND]: cannot read ${name}: no such file`);
    if (name === 'nope.json') expect(ran.stderr).toContain('did you mean node.json?');
  });

  it('reads standard input', async () => {
    await using room = await createRoom(cli);
    await writeFile(join(room.cwd, 'api.js'), '');
    const ran = await room.run(['validate', '-f', '-'], { input: ECOSYSTEM });
    expect(ran).toMatchObject({ code: 0, stdout: 'shop: 1 app, valid\n' });
  });
});

describe('the warnings of a file', () => {
  const WARNED = ECOSYSTEM.replace('    instances: 1', '    instances: 1\n    pmx: true\n    v8: true');

  it('are shown once for what it declares, and then counted', async () => {
    await using room = await shop();
    await writeFile(join(room.cwd, 'ecosystem.yaml'), WARNED);
    const first = await room.run(['plan']);
    expect(first.stderr).toContain('pmx has no effect');
    for (const args of [['plan'], ['apply', '--no-wait'], ['apply', '--no-wait'], ['diff']]) {
      const { stderr } = await room.run(args);
      expect(stderr).toContain('2 warnings, as shown before (stateward validate repeats them)\n');
      expect(stderr).not.toContain('pmx');
    }
    expect((await room.run(['validate'])).stderr).toContain('pmx has no effect');
    await writeFile(join(room.cwd, 'ecosystem.yaml'), WARNED.replace('debug', 'info'));
    expect((await room.run(['apply', '--no-wait'])).stderr).toContain('pmx has no effect');
  });

  it('that validate has shown are counted by what follows, and shown where nothing can be remembered', async () => {
    await using room = await shop();
    await writeFile(join(room.cwd, 'ecosystem.yaml'), WARNED);
    await room.run(['validate']);
    expect((await room.run(['plan'])).stderr).toContain('2 warnings, as shown before');
    const env = { XDG_CACHE_HOME: '/dev/null' };
    expect((await room.run(['plan'], { env })).stderr).toContain('pmx has no effect');
    expect((await room.run(['plan'], { env })).stderr).toContain('pmx has no effect');
  });
});

describe('a second ecosystem file in the folder', () => {
  it('is said to be passed over where none is named, and not where one is', async () => {
    await using room = await createRoom(cli);
    const text = 'apps: [{ name: a, script: "sleep 1" }]\n';
    for (const name of ['ecosystem.yaml', 'pm2.json', 'process.yml'])
      await writeFile(join(room.cwd, name), text);
    const { code, stderr } = await room.run(['validate']);
    expect({ code, stderr }).toEqual({
      code: 0,
      stderr:
        'warning[CONFIG_NO_EFFECT]: pm2.json has no effect: without -f, ecosystem.yaml is the one that counts here\n' +
        '  --> pm2.json\n' +
        '  also process.yml\n' +
        '  help: -f pm2.json reads that one, -f . every declaration of the folder\n',
    });
    expect(await room.run(['validate', '-f', 'ecosystem.yaml'])).toMatchObject({ code: 0, stderr: '' });
  });
});

describe('plan', () => {
  it('asks for what the file declares and prints the plan', async () => {
    await using room = await shop();
    const ran = await room.run(['plan', '--only', 'api,web', '--prune=false']);
    expect(ran).toMatchObject({ code: 0, stderr: '' });
    expect(ran.stdout).toContain('env.LOG_LEVEL: "info" → "debug"');
    expect(room.requests).toMatchObject([
      {
        projects: [{ project: 'shop', apps: [{ name: 'api' }] }],
        prune: false,
        only: ['api', 'web'],
        basis: null,
        command: 'plan -f ecosystem.yaml',
      },
    ]);
  });

  it('prints the document with -o json, and as YAML', async () => {
    await using room = await shop();
    expect(JSON.parse((await room.run(['plan', '-o', 'json'])).stdout)).toEqual(rollPlan);
    expect((await room.run(['plan', '-o', 'yaml'])).stdout).toMatch(/^formatVersion: 1\nkind: Plan\n/);
  });

  it('exits 2 with --detailed-exitcode when there are changes, else 0', async () => {
    await using changed = await shop();
    expect((await changed.run(['plan', '--detailed-exitcode'])).code).toBe(2);
    await using same = await shop({ plan: planDocument() });
    expect((await same.run(['plan', '--detailed-exitcode'])).code).toBe(0);
  });
});

describe('apply', () => {
  it('shows what it does, waits for it, and ends with what it touched', async () => {
    const watch = [
      appList(app('api', { health: 'Progressing', sync: 'OutOfSync', observedGeneration: 2 })),
      appList(app('api')),
    ];
    await using room = await shop({ targets: [target], watch });
    const ran = await room.run(['apply']);
    expect(ran.code).toBe(0);
    expect(ran.stdout).toContain('env.LOG_LEVEL: "info" → "debug"');
    expect(ran.stderr).toBe(
      [
        '… shop/api  Progressing, 1/1 ready',
        '✓ shop/api  Healthy, 1/1 ready',
        '1 rolled, 0 unchanged. 1 process touched. See: stateward history shop',
        '',
      ].join('\n'),
    );
  });

  it('says at Ctrl-C how to follow the rollout, and how to go back', async () => {
    const rollout = {
      state: 'progressing',
      ...{ generation: 3, revision: 42, updatedInstances: 0, totalInstances: 1 },
      ...{ startedAt: null, endedAt: null, reason: null, message: null, pausedBy: null },
    } as const;
    await using room = await shop({ targets: [target], apps: [app('api', { sync: 'OutOfSync', rollout })] });
    const child = room.spawn(['apply']);
    let stderr = '';
    child.stderr.setEncoding('utf8').on('data', (chunk: string) => (stderr += chunk));
    await once(child.stderr, 'data');
    child.kill('SIGINT');
    const [code] = (await once(child, 'close')) as [number];
    expect(code).toBe(130);
    expect(stderr).toContain('  follow:   stateward rollout status shop/api -w\n');
    expect(stderr).toContain('  go back:  stateward rollback shop/api\n');
  });

  it.each([
    ['an app is called as its project', ['shop'], 'shop', 'shop/'],
    ['there are several', ['shop', 'blog'], 'api', ''],
  ])('names the history to look at where %s', async (_where, projects, name, subject) => {
    const [project] = planDocument().projects;
    const plan = planDocument({
      projects: projects.map((it) => ({ ...(project as NonNullable<typeof project>), project: it })),
      changes: [{ ...roll, app: `shop/${name}` }],
      summary: rollSummary,
    });
    await using room = await shop({ plan });
    const ran = await room.run(['apply']);
    expect(ran.stderr).toMatch(/See: stateward history ?(.*)\n$/);
    expect(/history ?(.*)\n$/.exec(ran.stderr)?.[1]).toBe(subject);
  });

  it('names what shows how a rollout goes on that is not waited for', async () => {
    await using room = await shop({ targets: [target] });
    expect((await room.run(['apply', '--no-wait'])).stderr).toContain(
      'Follow: stateward rollout status -w\n',
    );
  });

  it('of an unchanged file says that 0 processes were touched', async () => {
    await using room = await shop({ plan: planDocument() });
    expect(await room.run(['apply'])).toEqual({
      code: 0,
      stdout: '',
      stderr: 'Nothing to do, 1 unchanged. 0 processes touched.\n',
    });
  });

  it('exits 1 when an app fails, with one error object for -o json', async () => {
    await using room = await shop({ targets: [target], apps: [app('api', { health: 'CrashLoop' })] });
    expect((await room.run(['apply'])).code).toBe(1);
    const json = await room.run(['apply', '-o', 'json']);
    expect(json.code).toBe(1);
    expect(JSON.parse(json.stdout)).toMatchObject({ error: { code: 'APP_FAILED' } });
  });

  it('with --dry-run only plans', async () => {
    await using room = await shop({ failure: undefined as never });
    const ran = await room.run(['apply', '--dry-run', '-o', 'json']);
    expect(JSON.parse(ran.stdout)).toEqual(rollPlan);
    expect(room.requests).toHaveLength(1);
  });

  it('cannot ask without a terminal', async () => {
    await using room = await shop();
    const ran = await room.run(['apply', '--confirm']);
    expect(ran.code).toBe(64);
    expect(ran.stderr).toContain('--confirm needs a terminal to ask on');
    expect(room.requests).toEqual([]);
  });

  it('names the commit that is checked out where its file lies', async () => {
    await using room = await shop();
    const commit = '1a2b3c4d'.repeat(5);
    await mkdir(join(room.cwd, '.git'));
    await writeFile(join(room.cwd, '.git', 'HEAD'), `${commit}\n`);
    await room.run(['apply']);
    await room.run(['apply', '-f', '-'], { input: ECOSYSTEM });
    await rm(join(room.cwd, '.git'), { recursive: true });
    await room.run(['apply']);
    expect(room.requests.map(({ commits }) => commits)).toEqual([{ shop: commit }, {}, {}]);
  });

  it('of a saved plan reads its files again and sends what it was made against', async () => {
    await using room = await shop({ plan: planDocument() });
    const source = { files: [join(room.cwd, 'ecosystem.yaml')], env: null };
    const [project] = planDocument().projects;
    const saved = planDocument({
      projects: [{ ...(project as NonNullable<typeof project>), source }],
      options: { prune: false, only: ['api'] },
    });
    await writeFile(join(room.cwd, 'plan.json'), JSON.stringify(saved));
    expect((await room.run(['apply', 'plan.json'])).code).toBe(0);
    expect(room.requests).toMatchObject([
      {
        projects: [{ project: 'shop', apps: [{ name: 'api', env: { API_TOKEN: 'new-secret' } }] }],
        prune: false,
        only: ['api'],
        basis: { ...saved.basis, shown: hashShown(saved) },
        command: 'apply plan.json',
      },
    ]);
  });

  it('of a stale plan exits 5 with what moved', async () => {
    const failure = {
      code: 'PLAN_STALE',
      message: 'the host is not as it was when the plan was made',
      details: ['shop/api: generation 3 -> 4'],
    } as const;
    await using room = await shop({ failure });
    const source = { files: [join(room.cwd, 'ecosystem.yaml')], env: null };
    const [project] = planDocument().projects;
    const saved = planDocument({ projects: [{ ...(project as NonNullable<typeof project>), source }] });
    await writeFile(join(room.cwd, 'plan.json'), JSON.stringify(saved));
    const ran = await room.run(['apply', 'plan.json']);
    expect(ran.code).toBe(5);
    expect(ran.stderr).toContain('  shop/api: generation 3 -> 4\n');
  });

  it.each([
    ['./ecosystem.yaml', 'stateward apply -f ./ecosystem.yaml'],
    ['.', 'stateward apply -f .'],
  ])('asks for -f before %s, which is not a plan', async (word, command) => {
    await using room = await createRoom(cli);
    await writeFile(join(room.cwd, 'ecosystem.yaml'), 'apps: [{ name: a, script: "sleep 1" }]\n');
    expect(await room.run(['apply', word])).toMatchObject({
      code: 64,
      stdout: '',
      stderr: `error[USAGE]: ${word} is not a saved plan\n  help: ecosystem files are named with -f: ${command}\n`,
    });
  });

  it.each([
    ['no plan at all', '{}', [], 'is not a saved plan'],
    [
      'a plan of standard input',
      JSON.stringify(
        planDocument({
          projects: [
            { project: 'shop', revisionBefore: null, revisionAfter: 1, source: { files: ['-'], env: null } },
          ],
        }),
      ),
      [],
      'was made from standard input, which cannot be read again',
    ],
    ['a plan beside -f', JSON.stringify(planDocument()), ['-f', 'x.yaml'], 'a saved plan says itself'],
  ])('refuses %s', async (_name, content, flags, message) => {
    await using room = await shop();
    await writeFile(join(room.cwd, 'plan.json'), content);
    const ran = await room.run(['apply', 'plan.json', ...flags]);
    expect(ran.code).toBe(64);
    expect(ran.stderr).toContain(message);
  });
});

describe('start', () => {
  it('of a script makes an app in the project default and removes nothing', async () => {
    await using room = await shop({ plan: planDocument() });
    const args = [
      'start',
      './api.js',
      '--name',
      'hello',
      '-i',
      '2',
      '--max-memory-restart',
      '300M',
      '--no-wait',
    ];
    const ran = await room.run([...args, '--', '--port', '3000']);
    expect(ran).toMatchObject({ code: 0 });
    expect(room.requests).toMatchObject([
      {
        prune: false,
        command: 'start ./api.js --port 3000',
        projects: [
          {
            project: 'default',
            source: { files: [], env: null },
            apps: [
              {
                name: 'hello',
                instances: 2,
                exec_mode: 'cluster',
                args: ['--port', '3000'],
                max_memory_restart: 314_572_800,
                script: join(room.cwd, 'api.js'),
              },
            ],
          },
        ],
      },
    ]);
  });

  it('takes a known app before a file of the same name, and the file when there is no app', async () => {
    await using known = await shop({ apps: [app('api.js')] });
    expect((await known.run(['start', 'api.js'])).code).toBe(0);
    expect(known.requests).toEqual([]);
    await using unknown = await shop();
    expect((await unknown.run(['start', 'api.js'])).code).toBe(0);
    expect(unknown.requests).toMatchObject([{ projects: [{ project: 'default', apps: [{ name: 'api' }] }] }]);
  });

  it('of an ecosystem file applies it without removing anything', async () => {
    await using room = await shop();
    expect((await room.run(['start', 'ecosystem.yaml'])).code).toBe(0);
    expect(room.requests).toMatchObject([{ prune: false, projects: [{ project: 'shop' }] }]);
    expect((await room.run(['start', 'ecosystem.yaml', '-i', '2'])).code).toBe(64);
  });

  it('of what is neither app nor file says so', async () => {
    await using room = await shop();
    const ran = await room.run(['start', 'nothing']);
    expect(ran.code).toBe(1);
    expect(ran.stderr).toContain('error[SELECTOR_NOT_FOUND]');
  });

  it('reports a value that a file could not hold either', async () => {
    await using room = await shop();
    const ran = await room.run(['start', './api.js', '--max-memory-restart', 'lots']);
    expect(ran.code).toBe(65);
    expect(ran.stderr).toContain('max_memory_restart');
  });
});

describe.skipIf(process.platform !== 'linux')('apply --confirm', () => {
  it('applies the plan that was shown, or nothing', async () => {
    await using room = await shop();
    const yes = await room.run(['apply', '--confirm'], { terminal: true, input: 'y\n' });
    expect(yes.code).toBe(0);
    const [shown, applied] = room.requests;
    expect([shown?.basis, applied?.basis]).toEqual([null, rollPlan.basis]);
  });

  it('applies nothing without a yes', async () => {
    await using room = await shop();
    const no = await room.run(['apply', '--confirm'], { terminal: true, input: '\n' });
    expect(no.code).toBe(1);
    expect(no.stdout).toContain('nothing was applied');
    expect(room.requests).toHaveLength(1);
  });
});

describe('diff and get -o yaml', () => {
  /** The spec that the file declares, as a daemon would have it. */
  async function declaredSpec(room: Room & { readonly requests: ApplyRequest[] }) {
    await room.run(['plan']);
    const spec = room.requests[0]?.projects[0]?.apps[0];
    if (spec === undefined) throw new Error('nothing was planned');
    return spec;
  }

  it('shows nothing and exits 0 when live is as declared', async () => {
    await using first = await shop();
    const spec = await declaredSpec(first);
    await using room = await createRoom(cli);
    await writeFile(join(room.cwd, 'ecosystem.yaml'), ECOSYSTEM);
    await writeFile(join(room.cwd, 'api.js'), '');
    const here = { ...spec, script: join(room.cwd, 'api.js'), cwd: room.cwd };
    await room.serve({ apps: [app('api', {}, { spec: here })] });
    expect(await room.run(['diff'])).toEqual({ code: 0, stdout: '', stderr: '' });
  });

  it('shows what was done by hand, as plan does', async () => {
    await using first = await shop();
    const spec = await declaredSpec(first);
    await using room = await createRoom(cli);
    await writeFile(join(room.cwd, 'ecosystem.yaml'), ECOSYSTEM);
    await writeFile(join(room.cwd, 'api.js'), '');
    const here = { ...spec, script: join(room.cwd, 'api.js'), cwd: room.cwd };
    const override = { instances: 3, run: 'stopped', by: 'ann', at: '2026-01-01T12:00:00.000Z' } as const;
    await room.serve({ apps: [app('api', { override }, { spec: here })] });
    const ran = await room.run(['diff']);
    expect(ran.code).toBe(1);
    expect(ran.stdout).toContain('-# stopped by ann at 2026-01-01T12:00:00.000Z\n');
    expect(ran.stdout).toContain('-instances: 3\n');
  });

  it('says what has drifted and no apply changes, and does not count it', async () => {
    await using first = await shop();
    const spec = await declaredSpec(first);
    await using room = await createRoom(cli);
    await writeFile(join(room.cwd, 'ecosystem.yaml'), ECOSYSTEM);
    await writeFile(join(room.cwd, 'api.js'), '');
    const here = { ...spec, script: join(room.cwd, 'api.js'), cwd: room.cwd };
    const taken: DriftInfo = {
      ...{ kind: 'port', reason: 'PortTaken', message: 'port 80 is held by process 12', hint: 'end it' },
      ...{ since: '2026-01-01T12:00:00.000Z', heals: 'never' },
    };
    await room.serve({ apps: [app('api', { drift: [taken] }, { spec: here })] });
    const { code, stdout, stderr } = await room.run(['diff']);
    expect([code, stdout]).toEqual([0, '']);
    expect(stderr).toContain('shop/api: port 80 is held by process 12; end it (PortTaken)');
  });

  it('shows a secret that differs as changed, without its value, and exits 1', async () => {
    await using first = await shop();
    const spec = await declaredSpec(first);
    await using room = await createRoom(cli);
    await writeFile(join(room.cwd, 'ecosystem.yaml'), ECOSYSTEM);
    await writeFile(join(room.cwd, 'api.js'), '');
    const env = { API_TOKEN: 'old-secret', LOG_LEVEL: 'info' };
    const here = { ...spec, script: join(room.cwd, 'api.js'), cwd: room.cwd, env };
    const gone = { ...here, name: 'legacy' };
    await room.serve({ apps: [app('api', {}, { spec: here }), app('legacy', {}, { spec: gone })] });
    const ran = await room.run(['diff']);
    expect(ran.code).toBe(1);
    expect(ran.stdout).toContain('--- live/shop/api\n+++ declared/shop/api\n@@ ');
    expect(ran.stdout).toContain('-  API_TOKEN: <redacted>\n-  LOG_LEVEL: info\n');
    expect(ran.stdout).toContain('+  API_TOKEN: <redacted> (changed)\n+  LOG_LEVEL: debug\n');
    expect(ran.stdout).toContain('--- live/shop/legacy\n+++ /dev/null\n');
    expect(ran.stdout).not.toContain('secret');
    const json = await room.run(['diff', '--no-prune', '-o', 'json']);
    expect(JSON.parse(json.stdout)).toMatchObject({ items: [{ app: 'shop/api', kind: 'changed' }] });
  });

  it('exits 2 or more when it cannot compare', async () => {
    await using room = await shop();
    const { rm } = await import('node:fs/promises');
    await rm(join(room.cwd, 'ecosystem.yaml'));
    expect((await room.run(['diff'])).code).toBe(65);
    expect((await room.run(['diff', '--nope'])).code).toBe(64);
  });

  it('get -o yaml prints a file that declares the same again', async () => {
    await using first = await shop();
    const spec = await declaredSpec(first);
    await using room = await shop({ apps: [app('api', {}, { spec })] });
    const ran = await room.run(['get', '-o', 'yaml']);
    expect(ran.code).toBe(0);
    await writeFile(join(room.cwd, 'again.yaml'), ran.stdout);
    expect((await readFile(join(room.cwd, 'again.yaml'), 'utf8')).startsWith('project: shop\napps:\n')).toBe(
      true,
    );
    const plan = await room.run(['plan', '-f', 'again.yaml']);
    expect(plan.code, plan.stderr).toBe(0);
    expect(room.requests.at(-1)?.projects[0]?.apps).toEqual([spec]);
  });
});

describe('without a daemon', () => {
  it('plan and diff compare with the state on disk and say so; apply starts one', async () => {
    await using room = await createRoom(cli);
    await writeFile(join(room.cwd, 'ecosystem.yaml'), ECOSYSTEM);
    await writeFile(join(room.cwd, 'api.js'), '');
    const note = 'daemon not running: compared with the state on disk\n';
    const plan = await room.run(['plan', '-o', 'json']);
    expect(plan).toMatchObject({ code: 0, stderr: note });
    expect(JSON.parse(plan.stdout)).toMatchObject({ kind: 'Plan' });
    const diff = await room.run(['diff']);
    expect(diff).toMatchObject({ code: 1, stderr: note });
    expect(diff.stdout).toContain('--- /dev/null\n+++ declared/shop/api\n');
    const apply = await room.run(['apply']);
    expect(apply.code).toBe(0);
    expect(apply.stderr).toContain('started the daemon in the background');
    expect((await room.run(['daemon', 'stop'])).code).toBe(0);
  });
});
