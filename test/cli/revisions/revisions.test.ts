import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { ApplyRequest } from '../../../src/api/contract/wire/apply.ts';
import type { RevisionDetail, RevisionOutcome } from '../../../src/api/contract/wire/revisions.ts';
import type { AppSpec } from '../../../src/spec/types.ts';
import { appSpec } from '../../state/specs.ts';
import { buildCli } from '../support/build.ts';
import type { BuiltCli } from '../support/build.ts';
import { NO_CHANGE, planDocument } from '../support/canned.ts';
import type { Canned } from '../support/canned.ts';
import { app } from '../support/fixtures.ts';
import { createRoom } from '../support/run.ts';
import type { Room } from '../support/run.ts';

let cli: BuiltCli;
beforeAll(async () => {
  cli = await buildCli();
});
afterAll(() => cli[Symbol.asyncDispose]());

const FAILED: RevisionOutcome = {
  state: 'failed',
  message: 'shop/web: slot 0 exited with code 1 after 0.2s',
};
const SUCCEEDED: RevisionOutcome = { state: 'succeeded', message: null };

type Changes = RevisionDetail['changes'];

function revision(
  number: number,
  apps: readonly AppSpec[],
  rest: Partial<Pick<RevisionDetail, 'project' | 'changes' | 'outcome' | 'by' | 'command' | 'commit'>> = {},
): RevisionDetail {
  const { project = 'shop' } = rest;
  return {
    project,
    revision: number,
    hash: `0123456789abcdef${number}`,
    at: new Date(Date.now() - 90 * 3_600_000).toISOString(),
    by: 'ann',
    command: 'apply -f ecosystem.yaml',
    summary: NO_CHANGE,
    changes: [],
    outcome: SUCCEEDED,
    spec: { project, source: { files: ['/srv/shop/ecosystem.yaml'], env: null }, apps },
    ...rest,
  };
}

const web = (LEVEL: string): AppSpec =>
  appSpec({ name: 'web', env: { LEVEL, API_TOKEN: `secret-${LEVEL}` } });
const worker = appSpec({ name: 'worker' });
const rolled = (LEVEL: string): Changes => [
  {
    app: 'shop/web',
    kind: 'roll',
    fields: [{ path: 'env.LEVEL', before: 'x', after: LEVEL, class: 'template', redacted: false }],
  },
];

/** What web was: a, b (whose rollout failed, so that it went back to a), then a beside a new worker, then c. */
const REVISIONS = [
  revision(5, [web('c'), worker], { changes: rolled('c') }),
  revision(4, [web('a'), worker], { changes: [{ app: 'shop/worker', kind: 'create', fields: [] }] }),
  revision(3, [web('a')], { changes: rolled('a'), by: 'stateward', command: 'rollback of web' }),
  revision(2, [web('b')], { changes: rolled('b'), outcome: FAILED }),
  revision(1, [web('a')], { changes: [{ app: 'shop/web', kind: 'create', fields: [] }] }),
];

/** A room whose daemon has a history, and the applies that it gets. */
async function shop(canned: Partial<Canned> = {}): Promise<Room & { readonly requests: ApplyRequest[] }> {
  const room = await createRoom(cli);
  const requests: ApplyRequest[] = [];
  await room.serve({
    apps: [app('web', {}, { spec: web('c') }), app('worker', {}, { spec: worker })],
    revisions: REVISIONS,
    plan: planDocument(),
    ...canned,
    onRequest: (request) => {
      if ('projects' in request) requests.push(request);
    },
  });
  return { ...room, requests, [Symbol.asyncDispose]: () => room[Symbol.asyncDispose]() };
}

/** Two projects with an app of the same name, one of which is called as the other project is. */
const AMBIGUOUS: Partial<Canned> = {
  apps: [app('web'), app('web', {}, { project: 'blog' }), app('shop', {}, { project: 'blog' })],
};

describe('history', () => {
  it('shows when, who, by what, what changed and what came of it, newest first', async () => {
    await using room = await shop();
    const { stdout } = await room.run(['history', 'shop']);
    expect(stdout.replace(/ +$/gm, '')).toBe(
      [
        'REVISION  WHEN    BY         COMMAND                  CHANGES     OUTCOME',
        '5         3d ago  ann        apply -f ecosystem.yaml  ± web roll  succeeded',
        '4         3d ago  ann        apply -f ecosystem.yaml  + worker    succeeded',
        '3         3d ago  stateward  rollback of web          ± web roll  succeeded',
        '2         3d ago  ann        apply -f ecosystem.yaml  ± web roll  failed',
        '1         3d ago  ann        apply -f ecosystem.yaml  + web       succeeded',
        '',
      ].join('\n'),
    );
  });

  it('names the commits where there are any, in full with one revision', async () => {
    const commit = '1a2b3c4d'.repeat(5);
    const newest = revision(5, [web('c'), worker], { changes: rolled('c'), commit });
    await using room = await shop({ revisions: [newest, ...REVISIONS.slice(1)] });
    const { stdout } = await room.run(['history', 'shop']);
    expect(stdout.split('\n').slice(0, 3)).toEqual([
      'REVISION  WHEN    BY         COMMAND                  COMMIT   CHANGES     OUTCOME',
      '5         3d ago  ann        apply -f ecosystem.yaml  1a2b3c4  ± web roll  succeeded',
      '4         3d ago  ann        apply -f ecosystem.yaml  -        + worker    succeeded',
    ]);
    expect((await room.run(['history', 'shop', '--revision', '5'])).stdout).toContain(
      `Commit:    ${commit}\n`,
    );
    expect((await room.run(['history', 'shop', '--revision', '4'])).stdout).not.toContain('Commit:');
    const json = await room.run(['history', 'shop', '-o', 'json']);
    expect(JSON.parse(json.stdout)).toMatchObject({ items: [{ revision: 5, commit }, {}, {}, {}, {}] });
  });

  it('of an app leaves out what did not change it', async () => {
    await using room = await shop();
    const numbers = async (...args: string[]): Promise<number[]> => {
      const { stdout } = await room.run(['history', ...args, '-o', 'json']);
      return (JSON.parse(stdout) as { items: { revision: number }[] }).items.map((it) => it.revision);
    };
    expect(await numbers('worker')).toEqual([4]);
    expect(await numbers('shop/web')).toEqual([5, 3, 2, 1]);
    expect(await numbers('shop/')).toEqual([5, 4, 3, 2, 1]);
    expect(await numbers()).toEqual([5, 4, 3, 2, 1]);
  });

  it('of an app that is gone is what is kept of it', async () => {
    await using room = await shop({ apps: [app('web')] });
    expect((await room.run(['history', 'worker'])).stdout).toContain('+ worker');
  });

  it('says in the wide form why a rollout failed', async () => {
    await using room = await shop();
    const { stdout } = await room.run(['history', 'shop', '-o', 'wide']);
    expect(stdout).toContain('failed: shop/web: slot 0 exited with code 1 after 0.2s  0123456789ab\n');
  });

  it('shows one revision with its fields', async () => {
    await using room = await shop();
    const { stdout } = await room.run(['history', 'web', '--revision', '2']);
    expect(stdout).toContain('Revision:  2 of shop\n');
    expect(stdout).toContain('Outcome:   failed: shop/web: slot 0 exited with code 1 after 0.2s\n');
    expect(stdout).toContain('Changes:\n  ± web  roll\n      env.LEVEL: "x" → "b"\n');
  });

  it.each([
    [['history', 'shop', '--revision', '9'], 1, 'there is no revision 9 of project shop', 'kept are 1-5'],
    [['history', 'worker', '--revision', '2'], 1, 'there is no revision 2 of shop/worker', 'kept are 4'],
    [['history', 'wxb'], 1, 'there is no project wxb, and no app of that name', 'did you mean web?'],
    [['history', 'shop/wxb'], 1, 'there is no project shop/wxb', 'did you mean shop/web?'],
    [['history', 'shop', '--revision', 'x'], 64, '--revision', 'stateward history --help'],
  ])('%j says what is wrong', async (args, code, message, hint) => {
    await using room = await shop();
    const ran = await room.run(args);
    expect(ran).toMatchObject({ code, stdout: '' });
    expect(ran.stderr).toContain(message);
    expect(ran.stderr).toContain(`help: ${hint}`);
  });

  it('asks which is meant where a project is called as an app is', async () => {
    await using room = await shop(AMBIGUOUS);
    const ran = await room.run(['history', 'shop']);
    expect(ran.code).toBe(64);
    expect(ran.stderr).toBe(
      [
        'error[SELECTOR_AMBIGUOUS]: cannot tell which shop is meant: 2 have that name',
        '  shop/ (the project)',
        '  blog/shop (an app)',
        '  help: name it in full: shop/',
        '',
      ].join('\n'),
    );
    expect((await room.run(['history', 'shop/'])).code).toBe(0);
    expect((await room.run(['history', 'web'])).stderr).toContain('blog/web (an app)');
  });
});

describe('rollback', () => {
  it('applies what the newest revision declared that is another one and did not fail', async () => {
    await using room = await shop();
    const ran = await room.run(['rollback']);
    expect(ran.code).toBe(0);
    expect(room.requests).toMatchObject([
      { command: 'rollback shop --to 4', only: null, prune: true, projects: [{ apps: [web('a'), worker] }] },
    ]);
    expect(ran.stderr).toMatch(
      /^project shop: revision 5 → what revision 4 declared \(apply -f ecosystem\.yaml by ann, .*Z\)\n/,
    );
    expect(ran.stderr).toContain('/srv/shop/ecosystem.yaml is left as it is');
  });

  it('of an app takes only that app back, and nothing that has failed', async () => {
    await using room = await shop();
    expect((await room.run(['rollback', 'web'])).code).toBe(0);
    expect(room.requests).toMatchObject([{ command: 'rollback shop/web --to 4', only: ['web'] }]);
  });

  it('goes to the revision that was named, also one that failed', async () => {
    await using room = await shop();
    expect((await room.run(['rollback', 'shop/web', '--to', '2'])).code).toBe(0);
    expect(room.requests).toMatchObject([
      { command: 'rollback shop/web --to 2', projects: [{ apps: [web('b')] }] },
    ]);
  });

  it('looks first with --dry-run, and cannot ask without a terminal', async () => {
    await using room = await shop();
    const ran = await room.run(['rollback', '--dry-run']);
    expect(ran).toMatchObject({
      code: 0,
      stdout: 'No changes. What runs is what is declared. 0 processes touched.\n',
    });
    expect(room.requests).toHaveLength(1);
    expect((await room.run(['rollback', '--confirm'])).code).toBe(64);
    expect(room.requests).toHaveLength(1);
  });

  it('does not start a daemon to look', async () => {
    await using room = await createRoom(cli);
    for (const args of [
      ['rollback', '--dry-run'],
      ['rollback', 'nope'],
    ]) {
      const ran = await room.run(args);
      expect(ran.code).toBe(1);
      expect(ran.stderr).toContain('error[NOT_FOUND]');
    }
    expect((await room.run(['daemon', 'status'])).code).toBe(69);
  });

  it.each([
    [['rollback', 'web', '--to', '9'], 'there is no revision 9 of project shop', 'kept are 1-5'],
    [['rollback', 'worker', '--to', '2'], 'revision 2 has no shop/worker', 'stateward history shop/worker'],
    [
      ['rollback', 'worker'],
      'nothing to go back to: every earlier revision declares shop/worker as it is',
      'stateward history shop/worker lists what',
    ],
    [['rollback', 'wxb'], 'there is no project wxb', 'did you mean web?'],
  ])('%j says what is wrong', async (args, message, hint) => {
    await using room = await shop();
    const ran = await room.run(args);
    expect(ran).toMatchObject({ code: 1, stdout: '' });
    expect(ran.stderr).toContain(message);
    expect(ran.stderr).toContain(`help: ${hint}`);
    expect(room.requests).toEqual([]);
  });

  it.each<[string, Partial<Canned>, string, string]>([
    [
      'there is one revision',
      { revisions: REVISIONS.slice(-1) },
      'there is nothing to go back to: shop/web has one revision only',
      'stateward history shop/web lists what is kept',
    ],
    [
      'what differed has failed',
      { revisions: REVISIONS.slice(2).filter(({ revision }) => revision !== 4) },
      'there is nothing to go back to: no earlier revision of shop/web came up well',
      'stateward history shop/web lists them; --to 2 goes there all the same',
    ],
  ])('says in plain words where it cannot go: %s', async (_name, canned, message, hint) => {
    await using room = await shop({ apps: [app('web', {}, { spec: web('a') })], ...canned });
    const ran = await room.run(['rollback', 'web']);
    expect(ran).toMatchObject({
      code: 1,
      stdout: '',
      stderr: `error[NOT_FOUND]: ${message}\n  help: ${hint}\n`,
    });
    expect(room.requests).toEqual([]);
  });

  it('asks which project is meant where there are several', async () => {
    await using room = await shop(AMBIGUOUS);
    const ran = await room.run(['rollback']);
    expect(ran.code).toBe(64);
    expect(ran.stderr).toContain('cannot tell which project is meant: there are 2\n  shop\n  blog\n');
  });
});

describe('diff --revision', () => {
  it('compares two revisions, without secrets', async () => {
    await using room = await shop();
    const ran = await room.run(['diff', 'shop', '--revision', '2', '5']);
    expect(ran.code).toBe(1);
    expect(ran.stdout).toContain('--- revision-2/shop/web\n+++ revision-5/shop/web\n@@ ');
    expect(ran.stdout).toContain('-  LEVEL: b\n');
    expect(ran.stdout).toContain('+  LEVEL: c\n');
    expect(ran.stdout).toContain('API_TOKEN: <redacted> (changed)');
    expect(ran.stdout).toContain('--- /dev/null\n+++ revision-5/shop/worker\n');
    expect(ran.stdout).not.toContain('secret-');
    expect(await room.run(['diff', '--revision', '2', '--revision', '5'])).toEqual(ran);
    expect(await room.run(['diff', '--revision', '2', '5', 'shop/'])).toEqual(ran);
  });

  it('compares one with what is live, and only the app that was named', async () => {
    await using room = await shop();
    const ran = await room.run(['diff', 'web', '--revision', '1', '-o', 'json']);
    expect(ran.code).toBe(1);
    expect(JSON.parse(ran.stdout)).toMatchObject({ items: [{ app: 'shop/web', kind: 'changed' }] });
    expect(ran.stdout).toContain('+++ live/shop/web');
  });

  it('exits 0 where both declared the same', async () => {
    await using room = await shop();
    expect(await room.run(['diff', '--revision', '1', '3'])).toEqual({ code: 0, stdout: '', stderr: '' });
  });

  it.each([
    [['diff', '--revision', '1', '9'], 2, 'there is no revision 9 of project shop'],
    [['diff', '--revision', '1', '2', '3'], 64, '--revision takes one revision or two'],
    [['diff', '--revision', '1', '-f', 'x.yaml'], 64, '--file'],
    [['diff', '--revision', '1', '--no-prune'], 64, '--prune cannot go with --revision'],
    [['diff', 'ecosystem.yaml'], 64, 'stateward diff -f ecosystem.yaml'],
    [['diff', '--revision', '1', 'shop', 'web'], 64, 'unexpected argument: web'],
  ])('%j says what is wrong', async (args, code, message) => {
    await using room = await shop();
    const ran = await room.run(args);
    expect(ran).toMatchObject({ code, stdout: '' });
    expect(ran.stderr).toContain(message);
  });
});
