import { readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { BIN, Host, type Ran } from '../../support/host.ts';

const FULL = { STATEWARD_NO_RECORD: '1' };
const SECRET = 'correct-horse-battery';
const APPS = [
  { name: 'api', script: './app.js', env: { LEVEL: '${LEVEL:-info}', API_TOKEN: SECRET } },
  { name: 'job', script: './app.js', env_file: '.env' },
];

let host: Host;
/** Writes which files of the build a command has read. */
let hook: string;

beforeAll(async () => {
  host = new Host();
  host.write('app.js', 'setInterval(() => {}, 1e6);');
  host.write('.env', 'A=1\n');
  hook = host.write(
    'hook.cjs',
    `const fs = require('node:fs');
     const { readFileSync } = fs;
     const files = [];
     fs.readFileSync = (file, ...rest) => (files.push(String(file)), readFileSync(file, ...rest));
     process.on('exit', () => fs.writeFileSync(process.env.LOADED, JSON.stringify(files)));`,
  );
  host.declare(...APPS);
  await host.ok('apply');
});
afterAll(() => host[Symbol.asyncDispose]());

/** One command, and whether it was answered from the record: without the command line proper. */
async function run(
  line: string,
  env: Record<string, string> = {},
): Promise<Ran & { readonly fast: boolean }> {
  const loaded = join(host.folder, 'loaded.json');
  const options = { env: { ...env, NODE_OPTIONS: `--require ${hook}`, LOADED: loaded } };
  const ran = await host.run(line.split(' '), options);
  const files = JSON.parse(readFileSync(loaded, 'utf8')) as readonly string[];
  const programs = files.filter((file) => dirname(file) === dirname(BIN)).map((file) => basename(file));
  return { ...ran, fast: !programs.includes('cli.cjs') };
}

/** What the answer has that two answers may differ in. */
function alike({ code, stdout, stderr }: Ran): unknown {
  return { code, stdout, stderr };
}

async function expectSame(line: string, env: Record<string, string> = {}): Promise<void> {
  const fast = await run(line, env);
  expect([line, fast.fast]).toEqual([line, true]);
  expect(alike(fast)).toEqual(alike(await run(line, { ...env, ...FULL })));
}

describe('files that are as they were', () => {
  it('are answered from the record, in the very words of the full command', async () => {
    for (const line of [
      ...['apply', 'apply -o json', 'apply --only api', 'apply --timeout 5s'],
      ...['plan', 'plan -o json', 'plan --detailed-exitcode', 'plan --only job'],
      ...['diff', 'diff -o json', 'validate', 'validate -o json'],
    ])
      await expectSame(line);
  });

  it('are read as a whole for whatever is unusual', async () => {
    for (const line of [
      'apply --dry-run',
      'plan -o yaml',
      'plan --env nothing',
      'diff nobody',
      'validate -f nofile.yaml',
    ])
      expect([line, (await run(line)).fast]).toEqual([line, false]);
  });

  it('leave a record that others cannot read, and no secret in it', () => {
    const folder = join(host.home, 'declared');
    expect(statSync(folder).mode & 0o777).toBe(0o700);
    const files = readdirSync(folder).map((name) => join(folder, name));
    expect(files.length).toBeGreaterThan(0);
    for (const file of files) {
      expect(statSync(file).mode & 0o777).toBe(0o600);
      expect(readFileSync(file, 'utf8')).not.toContain(SECRET);
    }
  });
});

describe('files that are not as they were', () => {
  it('are read again after every edit, and are unchanged again when that is applied', async () => {
    const edits: readonly (() => void)[] = [
      () => host.declare(...APPS.map((app) => ({ ...app, kill_timeout: 3_000 }))),
      () => host.write('.env', 'A=2\n'),
      () => host.declare(...APPS),
    ];
    for (const edit of edits) {
      edit();
      const plan = await run('plan --detailed-exitcode');
      expect([plan.code, plan.fast]).toEqual([2, false]);
      expect((await run('apply')).fast).toBe(false);
      expect((await run('apply')).fast).toBe(true);
      await expectSame('plan');
    }
  });

  it('are other files with another variable that they name', async () => {
    const plan = await run('plan --detailed-exitcode', { LEVEL: 'debug' });
    expect([plan.code, plan.fast]).toEqual([2, false]);
    await run('plan');
    expect((await run('plan')).fast).toBe(true);
  });

  it('are told of where an operator has overridden them, or other code lies on disk', async () => {
    await host.ok('stop', 'api');
    for (const line of ['plan --detailed-exitcode', 'diff']) {
      const told = await run(line);
      expect([line, told.fast, told.code]).toEqual([line, false, line === 'diff' ? 1 : 2]);
    }
    expect((await run('apply')).fast).toBe(false);
    await expectSame('plan');
    writeFileSync(join(host.folder, 'app.js'), 'setInterval(() => {}, 1e5);');
    const plan = await run('plan --detailed-exitcode');
    expect([plan.code, plan.fast]).toEqual([2, false]);
    await host.ok('apply');
    expect((await run('apply')).fast).toBe(true);
  });

  it('are read as a whole while their project is frozen, and without a daemon', async () => {
    await host.ok('freeze', 'shop', '--reason', 'audit');
    const plan = await run('plan');
    expect([plan.code, plan.fast]).toEqual([6, false]);
    await host.ok('unfreeze', 'shop');
    expect((await run('plan')).fast).toBe(true);
    await host.ok('daemon', 'stop');
    const offline = await run('plan');
    expect(offline.fast).toBe(false);
    expect(offline.stderr).toContain('daemon not running');
    await expectSame('validate');
  });

  it('are read as a whole without a record, and with one that is not our own', async () => {
    const folder = join(host.home, 'declared');
    for (const name of readdirSync(folder)) writeFileSync(join(folder, name), '{"questions":');
    expect((await run('validate')).fast).toBe(false);
    expect((await run('validate')).fast).toBe(true);
    rmSync(folder, { recursive: true });
    const again = await run('validate');
    expect([again.code, again.fast]).toEqual([0, false]);
  });
});
