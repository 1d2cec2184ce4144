// A project that a git source of the host declares, compared with a snapshot from a clone that lies elsewhere.
import { execFileSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { stringify } from 'yaml';
import type { PlanDocument } from '../../src/api/contract/wire/plan.ts';
import { Host } from '../support/host.ts';

const SLEEPER = 'setInterval(() => {}, 1e6);\n';
const FILE = stringify({
  project: 'shop',
  apps: [
    { name: 'api', script: '../api/api.js', env: { LEVEL: 'info' }, min_uptime: 0 },
    { name: 'web', script: '../web/web.js', min_uptime: 0 },
  ],
});

let host: Host;
let repo: string;

function git(...args: string[]): void {
  const who = ['-c', 'user.name=a', '-c', 'user.email=a@example.org'];
  execFileSync('git', [...who, ...args], { cwd: repo, stdio: 'pipe' });
}

function commit(files: Readonly<Record<string, string>>): void {
  for (const [path, text] of Object.entries(files)) host.write(`repo/${path}`, text);
  git('add', '.');
  git('commit', '--quiet', '-m', 'change');
}

/** In a fresh clone, as CI has it: nothing of the host but the snapshot. */
async function changes(name: string, change: Readonly<Record<string, string>>): Promise<unknown> {
  const folder = join(host.folder, name);
  execFileSync('git', ['clone', '--quiet', `file://${repo}`, folder]);
  for (const [path, text] of Object.entries(change)) writeFileSync(join(folder, path), text);
  const { stdout } = await host.run(
    ['plan', '-f', 'deploy/ecosystem.yaml', '--against', join(host.folder, 'snapshot.json'), '-o', 'json'],
    { cwd: folder, env: { STATEWARD_HOME: '', HOME: join(host.folder, 'nobody') } },
  );
  const plan = JSON.parse(stdout) as PlanDocument;
  const kinds = Object.fromEntries(plan.changes.map(({ app, kind }) => [app, kind]));
  return { ...kinds, notes: plan.against?.notes, guard: plan.guard };
}

const NOTHING = { 'shop/api': 'unchanged', 'shop/web': 'unchanged', notes: [], guard: null };

beforeAll(async () => {
  host = new Host();
  repo = join(host.folder, 'repo');
  host.write('repo/README.md', 'one');
  git('init', '--quiet', '--initial-branch=main');
  commit({ 'deploy/ecosystem.yaml': FILE, 'api/api.js': SLEEPER, 'web/web.js': SLEEPER });
  host.write(
    'sources.yaml',
    stringify({
      sources: [
        { name: 'shop', git: `file://${repo}`, path: 'deploy/ecosystem.yaml', ref: { branch: 'main' } },
      ],
    }),
  );
  await host.ok('source', 'apply', '-f', 'sources.yaml');
  await host.ok('source', 'sync', 'shop');
  // From here on, the two apps run from releases of two commits.
  commit({ 'api/api.js': `${SLEEPER}// second\n` });
  await host.ok('source', 'sync', 'shop');
  await host.ok('snapshot', '-o', 'snapshot.json');
}, 60_000);
afterAll(() => host[Symbol.asyncDispose]());

describe('plan --against, of a project of a git source', () => {
  it.each([
    ['nothing that matters', { 'README.md': 'two' }, {}],
    ['the code of one app', { 'web/web.js': `${SLEEPER}// third\n` }, { 'shop/web': 'roll' }],
    ['the code of the other', { 'api/api.js': `${SLEEPER}// third\n` }, { 'shop/api': 'roll' }],
    ['a variable', { 'deploy/ecosystem.yaml': FILE.replace('info', 'debug') }, { 'shop/api': 'roll' }],
  ])('touches exactly what a change touches: %s', async (name, change, touched) => {
    expect(await changes(name.replaceAll(' ', '-'), change)).toEqual({ ...NOTHING, ...touched });
  });
});
