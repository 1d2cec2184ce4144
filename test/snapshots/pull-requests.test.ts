import { execFileSync } from 'node:child_process';
import { readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { stringify } from 'yaml';
import { Host, type Ran } from '../support/host.ts';
import type { PlanDocument } from '../../src/api/contract/wire/plan.ts';

const SLEEPER = 'setInterval(() => {}, 1e6);\n';
const PLANTED = ['plantedtoken1', 'plantedpw2', 'plantedflag3', 'plantedlisted4', 'plantedfile5'];

let host: Host;
let clones = 0;

function git(cwd: string, ...args: string[]): void {
  const who = ['-c', 'user.name=a', '-c', 'user.email=a@example.org'];
  execFileSync('git', [...who, ...args], { cwd, stdio: 'pipe' });
}

function declaration(level: string, apps = ['web', 'worker']): string {
  const all = [
    {
      name: 'web',
      script: '../web/web.js',
      instances: 2,
      exec_mode: 'fork',
      secrets: ['CODEWORD'],
      env: {
        LEVEL: level,
        API_TOKEN: PLANTED[0],
        DB: `postgres://u:${PLANTED[1]}@db/x`,
        CODEWORD: PLANTED[3],
      },
      env_file: './web.env',
      out_file: '../logs/out.log',
    },
    { name: 'worker', script: '../worker/worker.js', args: ['--token', PLANTED[2]] },
  ];
  return stringify({ project: 'shop', apps: all.filter(({ name }) => apps.includes(name)) });
}

/** A fresh checkout of CI. */
function clone(...flags: string[]): string {
  const folder = join(host.folder, `ci-${clones++}`);
  git(host.folder, 'clone', '--quiet', ...flags, `file://${join(host.folder, 'repo')}`, folder);
  return folder;
}

function commit(folder: string, files: Readonly<Record<string, string>>): void {
  for (const [path, text] of Object.entries(files)) writeFileSync(join(folder, path), text);
  git(folder, 'add', '.');
  git(folder, 'commit', '--quiet', '-m', 'change');
}

/** As in CI: nothing of the host but the file. */
function plan(folder: string, ...more: string[]): Promise<Ran> {
  const env = { STATEWARD_HOME: '', HOME: join(host.folder, 'nobody') };
  const snapshot = more.includes('--against') ? [] : ['--against', join(host.folder, 'snapshot.json')];
  return host.run(['plan', '-f', 'deploy/ecosystem.yaml', ...snapshot, '--detailed-exitcode', ...more], {
    cwd: folder,
    env,
  });
}

async function changes(folder: string, ...more: string[]): Promise<Record<string, string>> {
  const ran = await plan(folder, '-o', 'json', ...more);
  const document = JSON.parse(ran.stdout) as PlanDocument;
  return Object.fromEntries(document.changes.map(({ app, kind }) => [app, kind]));
}

beforeAll(async () => {
  host = new Host();
  const files = {
    'deploy/ecosystem.yaml': declaration('info'),
    'web/web.js': SLEEPER,
    'worker/worker.js': SLEEPER,
  };
  for (const [path, text] of Object.entries(files)) host.write(`repo/${path}`, text);
  const repo = join(host.folder, 'repo');
  git(repo, 'init', '--quiet');
  git(repo, 'add', '.');
  git(repo, 'commit', '--quiet', '-m', 'first');
  // Not in the repository.
  host.write('repo/deploy/web.env', 'REGION=eu\nLEVEL=overridden\nFILE_TOKEN=plantedfile5\n');
  await host.ok('apply', '-f', 'repo/deploy/ecosystem.yaml');
  await host.ok('snapshot', '-o', 'snapshot.json');
  writeFileSync(join(host.folder, 'key.pem'), (await host.ok('snapshot', '--public-key')).stdout);
});

afterAll(() => host[Symbol.asyncDispose]());

describe('a snapshot', () => {
  it('holds no secret, no process mark and no hash over secrets, and its key is for its owner alone', () => {
    const text = readFileSync(join(host.folder, 'snapshot.json'), 'utf8');
    for (const secret of PLANTED) expect(text).not.toContain(secret);
    expect(text).not.toMatch(/"pid": \d/);
    expect(text).not.toMatch(/"(?:templateHash|lastTemplateHash|nonce|lastNonce)": "[0-9a-f-]{8,}"/);
    expect(text).toContain('"kind": "HostSnapshot"');
    const folder = join(host.home, 'state/keys');
    expect(readdirSync(folder)).toEqual(['snapshot.pem']);
    expect(statSync(join(folder, 'snapshot.pem')).mode & 0o777).toBe(0o600);
  });

  it('is the same without a daemon, but for its time', async () => {
    const other = JSON.parse((await host.ok('snapshot')).stdout) as Record<string, unknown>;
    const first = JSON.parse(readFileSync(join(host.folder, 'snapshot.json'), 'utf8')) as typeof other;
    expect(Object.keys(other)).toEqual(Object.keys(first));
    expect((other['signature'] as { publicKey: string }).publicKey).toBe(
      (first['signature'] as { publicKey: string }).publicKey,
    );
  });
});

describe('plan --against', () => {
  it('finds nothing to do in a clone that lies elsewhere, and says what it could not compare', async () => {
    const ran = await plan(clone(), '--verify-key', join(host.folder, 'key.pem'));
    expect(ran.stdout).toContain('No changes.');
    expect(ran.stdout).toContain(
      'secrets were not compared: shop/web (env.API_TOKEN, env.CODEWORD, env.DB, env.FILE_TOKEN), shop/worker (args.1)',
    );
    expect(ran.stdout).toContain(
      'shop/web: ./web.env (env_file) can not be read here: what they say (on the host: FILE_TOKEN, REGION) is not known here',
    );
    expect(ran.stdout).not.toContain('not checked');
    expect(ran.code).toBe(0);
  });

  it('touches what a commit touches, by its code and by its declaration', async () => {
    const folder = clone();
    commit(folder, { 'README.md': 'x' });
    expect(await changes(folder)).toEqual({ 'shop/web': 'unchanged', 'shop/worker': 'unchanged' });
    commit(folder, { 'worker/worker.js': `${SLEEPER}// more\n` });
    expect(await changes(folder)).toEqual({ 'shop/web': 'unchanged', 'shop/worker': 'roll' });
    commit(folder, { 'deploy/ecosystem.yaml': declaration('debug') });
    const ran = await plan(folder, '-o', 'markdown');
    expect(ran.code).toBe(2);
    expect(ran.stdout).toContain('### Plan: 2 to roll');
    expect(ran.stdout).toContain('env&#46;LEVEL&#58; &#34;info&#34; → &#34;debug&#34;');
    expect(ran.stdout).toContain('worker/worker&#46;js');
    for (const secret of PLANTED) expect(ran.stdout).not.toContain(secret);
    commit(folder, { 'deploy/ecosystem.yaml': declaration('info', ['web']) });
    expect(await changes(folder)).toMatchObject({ 'shop/worker': 'remove' });
  });

  it('ends with 6 where an apply would be refused: all apps gone, or a freeze of the host', async () => {
    const folder = clone();
    commit(folder, { 'deploy/ecosystem.yaml': 'project: shop\napps: []\n' });
    const wiped = await plan(folder, '-o', 'github');
    expect(wiped.code).toBe(6);
    expect(wiped.stdout).toContain('::error title=stateward%3A WIPE_GUARD::');
    await host.ok('freeze', 'shop', '--reason', 'release week');
    await host.ok('snapshot', '-o', 'frozen.json');
    await host.ok('unfreeze', 'shop');
    const frozen = await plan(clone(), '--against', join(host.folder, 'frozen.json'));
    expect(frozen.code).toBe(6);
    expect(frozen.stderr).toContain('release week');
  });

  it('says of a shallow clone that it cannot compare the code', async () => {
    const repo = clone();
    commit(repo, { 'worker/worker.js': `${SLEEPER}// more\n` });
    const shallow = join(host.folder, 'shallow');
    git(host.folder, 'clone', '--quiet', '--depth', '1', `file://${repo}`, shallow);
    const ran = await plan(shallow);
    expect(ran.stdout).toContain('the code of shop/worker was not compared: this clone does not have');
    expect(ran.stdout).toContain('fetch-depth: 0');
    expect(ran.code).toBe(0);
  });

  it.each([
    ['changed', (text: string) => text.replace('"info"', '"warn"'), 6, 'changed since it was signed'],
    [
      'of a newer version',
      (text: string) => text.replace('"formatVersion": 1', '"formatVersion": 2'),
      65,
      'newer',
    ],
  ])('refuses a snapshot that is %s', async (name, change, code, words) => {
    const text = readFileSync(join(host.folder, 'snapshot.json'), 'utf8');
    const file = host.write(`${name}.json`, change(text));
    const ran = await plan(join(host.folder, 'ci-0'), '--against', file);
    expect(ran.code).toBe(code);
    expect(ran.stderr).toContain(words);
  });

  it('refuses one that another key has signed', async () => {
    await using other = new Host();
    const key = other.write('other.pem', (await other.ok('snapshot', '--public-key')).stdout);
    const ran = await plan(clone(), '--verify-key', key);
    expect(ran.code).toBe(6);
    expect(ran.stderr).toContain('signed with another key');
  });
});

describe('a file of variables that is not in the repository', () => {
  it('changes nothing, and what the app says itself of such a variable does', async () => {
    const folder = clone();
    expect(await changes(folder)).toEqual({ 'shop/web': 'unchanged', 'shop/worker': 'unchanged' });
    commit(folder, {
      'deploy/ecosystem.yaml': declaration('info').replace('LEVEL: info', 'REGION: us\n      LEVEL: info'),
    });
    const { stdout } = await plan(folder);
    expect(stdout).toContain('env.REGION: "eu" → "us"');
    expect(stdout).toContain('(on the host: FILE_TOKEN)');
  });

  it('is compared where it is there', async () => {
    const folder = clone();
    writeFileSync(join(folder, 'deploy/web.env'), 'REGION=us\nFILE_TOKEN=other\n');
    const { stdout } = await plan(folder);
    expect(stdout).toContain('env.REGION: "eu" → "us"');
    expect(stdout).not.toContain('can not be read here');
  });
});

describe('diff --against', () => {
  const diff = (folder: string, ...more: string[]): Promise<Ran> =>
    host.run(
      ['diff', '-f', 'deploy/ecosystem.yaml', '--against', join(host.folder, 'snapshot.json'), ...more],
      { cwd: folder, env: { STATEWARD_HOME: '', HOME: join(host.folder, 'nobody') } },
    );

  it('shows what a merge changes, app by app, and nothing where nothing does', async () => {
    const folder = clone();
    const same = await diff(folder);
    expect([same.code, same.stdout]).toEqual([0, '']);
    expect(same.stderr).toContain('compared with');
    commit(folder, { 'deploy/ecosystem.yaml': declaration('debug', ['web']) });
    const ran = await diff(folder);
    expect(ran.code).toBe(1);
    expect(ran.stdout).toMatch(/^-\s+LEVEL: info$/m);
    expect(ran.stdout).toMatch(/^\+\s+LEVEL: debug$/m);
    expect(ran.stdout).toMatch(/--- live\/shop\/worker\n\+\+\+ \/dev\/null/);
    for (const secret of PLANTED) expect(ran.text).not.toContain(secret);
  });

  it('is a comment of a pull request, which nothing in a file can break out of', async () => {
    const folder = clone();
    const hostile = declaration('info').replace('LEVEL: info', 'LEVEL: "```` @everyone ~~~"');
    commit(folder, { 'deploy/ecosystem.yaml': hostile });
    const { stdout, code } = await diff(folder, '-o', 'markdown');
    expect(code).toBe(1);
    expect(stdout).toMatch(/^### 1 app differs\n/);
    expect(stdout).toMatch(/^`{5}diff\n[^]*```` @everyone[^]*\n`{5}\n$/m);
    expect(stdout).toContain('FILE&#95;TOKEN');
  });

  it('annotates lines for GitHub, with the diff as the summary', async () => {
    const folder = clone();
    commit(folder, { 'deploy/ecosystem.yaml': declaration('debug') });
    const summary = host.write('diff.md', '');
    const env = { GITHUB_ACTIONS: 'true', GITHUB_WORKSPACE: folder, GITHUB_STEP_SUMMARY: summary };
    const against = ['--against', join(host.folder, 'snapshot.json')];
    const ran = await host.run(['diff', '-f', 'deploy/ecosystem.yaml', ...against, '-o', 'github'], {
      cwd: folder,
      env,
    });
    expect(ran.stdout).toMatch(/^::notice file=deploy\/ecosystem.yaml,line=\d+,col=\d+/m);
    expect(readFileSync(summary, 'utf8')).toMatch(/### 1 app differs\n[^]*\+ +LEVEL: debug/);
  });

  it.each([
    ['a revision', ['--revision', '1']],
    ['no snapshot', ['--verify-key', 'x']],
  ])('goes not with %s', async (_name, flags) => {
    const args =
      flags[0] === '--revision' ? ['diff', '--against', 'snapshot.json', ...flags] : ['diff', ...flags];
    expect((await host.run(args)).code).toBe(64);
  });
});

describe('plan -o github', () => {
  it('annotates the line of the field, and writes the summary and the outputs of the step', async () => {
    const folder = clone();
    commit(folder, { 'deploy/ecosystem.yaml': declaration('debug') });
    const [summary, output] = [host.write('summary.md', ''), host.write('output', '')];
    const against = ['--against', join(host.folder, 'snapshot.json')];
    const ran = await host.run(['plan', '-f', 'deploy/ecosystem.yaml', ...against, '-o', 'github'], {
      cwd: folder,
      env: {
        GITHUB_ACTIONS: 'true',
        GITHUB_WORKSPACE: folder,
        GITHUB_STEP_SUMMARY: summary,
        GITHUB_OUTPUT: output,
      },
    });
    expect(ran.code).toBe(0);
    expect(ran.stdout).toMatch(
      /^::notice file=deploy\/ecosystem\.yaml,line=\d+,col=\d+,title=shop\/web%3A roll::env\.LEVEL: "info" → "debug"/m,
    );
    expect(readFileSync(summary, 'utf8')).toContain('### Plan: 1 to roll');
    expect(readFileSync(output, 'utf8')).toBe('changes=true\nrefused=false\n');
  });
});
