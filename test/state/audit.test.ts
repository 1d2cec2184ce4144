import {
  appendFileSync,
  mkdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { AuditLog } from '../../src/state/audit/audit-log.ts';
import type { AuditedChange, AuditEntry } from '../../src/state/audit/audit-entry.ts';
import { readAudit, verifyAudit } from '../../src/state/audit/read-audit.ts';
import { openedStore, temporaryFolder } from './folder.ts';
import { accepted, appSpec } from './specs.ts';

const api = appSpec({ name: 'api' });

function act(about: string): AuditedChange {
  return { kind: 'act', by: 'ann', command: 'signal USR2', about };
}

function auditLog(folder: string, options: { maxBytes?: number; cameAbout?: () => boolean } = {}): AuditLog {
  return new AuditLog({ folder, maxBytes: 1e6, now: () => 0, cameAbout: () => true, ...options });
}

/** A log of five entries. */
async function written(): Promise<{ folder: string; file: string }> {
  const folder = join(temporaryFolder(), 'audit');
  const log = auditLog(folder);
  for (const about of ['a', 'b', 'c', 'd', 'e']) expect(await log.append([act(about)], false)).toBeNull();
  return { folder, file: join(folder, '000001.ndjson') };
}

function edit(file: string, change: (lines: string[]) => void): void {
  const lines = readFileSync(file, 'utf8').trimEnd().split('\n');
  change(lines);
  writeFileSync(file, `${lines.join('\n')}\n`);
}

describe('the chain of the audit log', () => {
  test('is whole as it was written, also over several files and several controllers', async () => {
    const folder = join(temporaryFolder(), 'audit');
    for (let run = 0; run < 3; run += 1) {
      const log = auditLog(folder, { maxBytes: 300 });
      for (let index = 0; index < 4; index += 1) await log.append([act(`${run}`), act(`${index}`)], false);
    }
    const verdict = await verifyAudit(folder);
    expect(verdict).toMatchObject({ entries: 24, problems: [], head: { seq: 24 } });
    expect((await readAudit(folder, 3)).map(({ seq }) => seq)).toEqual([22, 23, 24]);
    expect(await readAudit(folder, 0)).toEqual([]);
  });

  test.each<[string, (lines: string[]) => void, RegExp]>([
    [
      'a changed line',
      (lines) => (lines[2] = (lines[2] ?? '').replace('ann', 'eve')),
      /:3: entry 3 was changed/,
    ],
    ['a line that is gone', (lines) => lines.splice(1, 1), /:2: entry 3: 1 entry is missing before it/],
    ['two lines the other way round', (lines) => lines.reverse(), /does not follow|missing before it/],
    ['a line twice', (lines) => lines.splice(1, 0, lines[1] ?? ''), /:3: entry 2: it does not follow/],
    ['a line that is none', (lines) => lines.splice(1, 0, 'hello'), /:2: this is no entry/],
    ['a cut end', (lines) => lines.splice(3), /2 entries are missing at the end \(there were 5\)/],
    ['an empty file', (lines) => lines.splice(0), /5 entries are missing at the end/],
  ])('shows %s', async (_, change, problem) => {
    const { folder, file } = await written();
    edit(file, change);
    expect((await verifyAudit(folder)).problems.join('\n')).toMatch(problem);
  });

  test('shows a chain that was written anew to whoever has noted its last hash', async () => {
    const { folder } = await written();
    const { head } = await verifyAudit(folder);
    expect((await verifyAudit(folder, head.hash)).problems).toEqual([]);
    rmSync(folder, { recursive: true });
    const anew = auditLog(folder);
    for (const about of ['a', 'b', 'c', 'd', 'x']) await anew.append([act(about)], false);
    expect((await verifyAudit(folder)).problems).toEqual([]);
    expect((await verifyAudit(folder, head.hash)).problems).toEqual([expect.stringContaining(head.hash)]);
  });

  test('goes on behind a cut end with a gap, so that the cut is never forgotten', async () => {
    const { folder, file } = await written();
    edit(file, (lines) => lines.splice(3));
    const log = auditLog(folder);
    await log.append([act('f')], false);
    const entries = await readAudit(folder, 10);
    expect(entries.at(-2)).toMatchObject({ kind: 'mended', why: 'entries 4 to 5 were removed', seq: 6 });
    expect((await verifyAudit(folder)).problems).toHaveLength(1);
  });

  test('has no half line after a crash: what was never acknowledged is cut off, and said', async () => {
    const { folder, file } = await written();
    appendFileSync(file, '{"kind":"act","by":"ann","comm');
    await auditLog(folder).append([act('f')], false);
    const kinds = (await readAudit(folder, 10)).map(({ kind }) => kind);
    expect(kinds).toEqual(['act', 'act', 'act', 'act', 'act', 'mended', 'act']);
    expect((await verifyAudit(folder)).problems).toEqual([]);
  });

  test('says of the last entry that its change did not come about, when the state does not hold it', async () => {
    const { folder } = await written();
    const log = auditLog(folder, { cameAbout: () => false });
    await log.open();
    await log.append([act('f')], false);
    expect((await readAudit(folder, 2))[0]).toMatchObject({ kind: 'undone', of: 5 });
  });
});

describe('a log that cannot be written', () => {
  function blocked(): { folder: string; free: () => void } {
    const folder = join(temporaryFolder(), 'audit');
    // A file in the place of the folder: also root makes none there.
    writeFileSync(folder, '');
    return { folder, free: () => rmSync(folder) };
  }

  test('refuses a change that may not wait, and forgets it', async () => {
    const { folder, free } = blocked();
    const log = auditLog(folder);
    expect(await log.append([act('a')], false)).toMatchObject({ why: expect.any(String) as string });
    free();
    expect(await log.append([act('b')], false)).toBeNull();
    expect((await readAudit(folder, 9)).map((entry) => 'about' in entry && entry.about)).toEqual(['b']);
  });

  test('keeps what may wait, with its time, until it can be written', async () => {
    const { folder, free } = blocked();
    const log = auditLog(folder);
    expect(await log.append([act('a')], true)).not.toBeNull();
    expect(log.isBehind).toBe(true);
    free();
    expect(await log.writeAgain()).toBeNull();
    expect(log.isBehind).toBe(false);
    expect(await verifyAudit(folder)).toMatchObject({ entries: 1, problems: [] });
  });
});

describe('the store', () => {
  async function entriesOf(dir: string): Promise<readonly AuditEntry[]> {
    return readAudit(join(dir, 'audit'), 100);
  }
  const meta = {
    by: 'ann',
    command: 'apply -f ecosystem.yaml',
    summary: {} as never,
    changes: [{ app: 'shop/api', kind: 'create', fields: [] }] as const,
  };

  test('tells of revisions by their meta, of verbs by who asked, and of nothing that the host does by itself', async () => {
    const dir = temporaryFolder();
    const store = await openedStore(dir);
    await store.commit(accepted('shop', [api]), () => meta);
    await store.commit(
      { kind: 'override-set', key: 'shop/api', override: { run: 'stopped', by: 'bob', at: 1 } },
      undefined,
      { by: 'bob', command: 'stop api' },
    );
    await store.commit({
      kind: 'restart-requested',
      key: 'shop/api',
      slot: null,
      reason: 'CronRestart',
      detail: '',
      at: 2,
    });
    // Nothing changes by it.
    await store.commit(accepted('shop', [api]), () => meta);
    const entries = await entriesOf(dir);
    expect(entries.slice(0, 2)).toMatchObject([
      {
        kind: 'revision',
        by: 'ann',
        project: 'shop',
        revision: 1,
        apps: [{ app: 'shop/api', change: 'create' }],
      },
      { kind: 'verb', by: 'bob', command: 'stop api', apps: [{ app: 'shop/api', generation: 2 }] },
    ]);
    expect(entries).toHaveLength(2);
  });

  test('takes no declaration that it cannot put on record, and says so', async () => {
    const dir = temporaryFolder();
    const store = await openedStore(dir);
    await store.commit(accepted('shop', [api]), () => meta);
    const folder = join(dir, 'audit');
    renameSync(folder, `${folder}.away`);
    writeFileSync(folder, '');
    const refused = await store.commit(accepted('shop', [{ ...api, instances: 3 }]), () => meta);
    expect(refused).toMatchObject({ ok: false, error: { code: 'STATE_WRITE' } });
    expect(store.desiredApp('shop/api')?.spec.instances).toBe(1);
    // To stop an app is possible all the same.
    const stop = {
      kind: 'override-set',
      key: 'shop/api',
      override: { run: 'stopped', by: 'bob', at: 1 },
    } as const;
    expect(await store.commit(stop, undefined, { by: 'bob', command: 'stop api' })).toMatchObject({
      ok: true,
    });
    expect(store.unwritten()?.problem.file).toBe(join(folder, '000001.ndjson'));
    rmSync(folder);
    renameSync(`${folder}.away`, folder);
    expect(await store.settle()).toBeNull();
    expect((await entriesOf(dir)).map(({ kind }) => kind)).toEqual(['revision', 'verb']);
    expect((await verifyAudit(join(dir, 'audit'))).problems).toEqual([]);
  });

  test('says of a change that could not be kept that it did not come about', async () => {
    const dir = temporaryFolder();
    const store = await openedStore(dir);
    await store.commit(accepted('shop', [api]), () => meta);
    rmSync(join(dir, 'projects'), { recursive: true });
    writeFileSync(join(dir, 'projects'), '');
    const refused = await store.commit(accepted('shop', [{ ...api, instances: 3 }]), () => meta);
    expect(refused.ok).toBe(false);
    rmSync(join(dir, 'projects'));
    const [, second, third] = await entriesOf(dir);
    expect(second).toMatchObject({ kind: 'revision', revision: 2 });
    expect(third).toMatchObject({ kind: 'undone', of: 2 });
  });

  test('says it too of one whose controller ended in between', async () => {
    const dir = temporaryFolder();
    const first = await openedStore(dir);
    await first.commit(accepted('shop', [api]), () => meta);
    await first.close();
    const project = join(dir, 'projects', 'shop.json');
    const kept = readFileSync(project);
    const second = await openedStore(dir);
    await second.commit(accepted('shop', [{ ...api, instances: 3 }]), () => meta);
    await second.close();
    // As if the audit log were all that got to the disk.
    rmSync(join(dir, 'revisions'), { recursive: true });
    rmSync(`${project}.prev`, { force: true });
    writeFileSync(project, kept);
    const third = await openedStore(dir);
    expect(third.project('shop')?.revision).toBe(1);
    await third.commit(accepted('shop', [{ ...api, instances: 4 }]), () => meta);
    const entries = await entriesOf(dir);
    expect(entries.map(({ kind }) => kind)).toEqual(['revision', 'revision', 'undone', 'revision']);
    expect(entries[2]).toMatchObject({ of: 2 });
  });

  test('keeps the files to itself', async () => {
    const dir = temporaryFolder();
    const store = await openedStore(dir);
    await store.commit(accepted('shop', [api]), () => meta);
    expect(statSync(join(dir, 'audit')).mode & 0o777).toBe(0o700);
    expect(statSync(join(dir, 'audit', '000001.ndjson')).mode & 0o777).toBe(0o600);
  });
});

test('a folder in the place of the file is put aside, and the log goes on with a gap', async () => {
  const { folder, file } = await written();
  rmSync(file);
  mkdirSync(file);
  expect((await verifyAudit(folder)).problems).toEqual([expect.stringContaining('5 entries are missing')]);
  expect(await auditLog(folder).append([act('f')], false)).toBeNull();
  expect((await readAudit(folder, 9)).map(({ seq }) => seq)).toEqual([6, 7]);
});
