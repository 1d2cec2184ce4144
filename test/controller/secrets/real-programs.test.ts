// The programs that people keep secrets with, where they are on this host: each case names the one that it needs.
import { execFileSync, spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { resolveSource } from '../../../src/controller/secrets/resolve-source.ts';

const folder = mkdtempSync(join(tmpdir(), 'stw-real-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const has = (program: string): boolean => spawnSync(program, ['--version']).error === undefined;
const key = join(folder, 'age.key');
const base = { PATH: process.env['PATH'] ?? '', HOME: folder };
const context = { environment: { ...base, SOPS_AGE_KEY_FILE: key }, baseEnv: base };

/** Makes a key, once; gives what is encrypted to. */
function recipient(): string {
  spawnSync('age-keygen', ['-o', key]);
  return execFileSync('age-keygen', ['-y', key], { encoding: 'utf8' }).trim();
}

describe.skipIf(!has('age'))('age', () => {
  it('decrypts a file for from_exec, and without its key says that it failed and nothing of the secret', async () => {
    const plain = join(folder, 'plain');
    const file = join(folder, 'db.age');
    writeFileSync(plain, 'kept-by-age-1\n');
    execFileSync('age', ['-r', recipient(), '-o', file, plain]);
    const source = { from_exec: ['age', '-d', '-i', key, file] };
    expect(await resolveSource(source, folder, context)).toEqual({ kind: 'value', value: 'kept-by-age-1' });
    const other = { from_exec: ['age', '-d', '-i', join(folder, 'none.key'), file] };
    expect(await resolveSource(other, folder, context)).toEqual({
      kind: 'failed',
      message: 'age ended with code 1: run it by hand',
    });
  });
});

describe.skipIf(!has('sops') || !has('age'))('sops', () => {
  const FILES: readonly (readonly [string, string, string | undefined, string])[] = [
    ['secrets.yaml', 'db:\n  hosts: [a, b]\n  password: kept-by-sops-1\n', 'db.password', 'kept-by-sops-1'],
    ['list.yaml', 'db:\n  hosts: [a, b]\n', 'db.hosts.1', 'b'],
    ['secrets.json', '{"db": {"password": "kept-by-sops-2"}}', 'db.password', 'kept-by-sops-2'],
    ['secrets.env', 'DB_PASSWORD=kept-by-sops-3\n', 'DB_PASSWORD', 'kept-by-sops-3'],
    ['whole.env', 'DB_PASSWORD=kept-by-sops-4\n', undefined, 'DB_PASSWORD=kept-by-sops-4'],
  ];

  it.each(FILES)('decrypts %s', async (name, text, path, value) => {
    const file = join(folder, name);
    writeFileSync(file, text);
    execFileSync('sops', ['--encrypt', '--age', recipient(), '--in-place', file]);
    const source = { from_sops: file, ...(path !== undefined && { key: path }) };
    expect(await resolveSource(source, folder, context)).toEqual({ kind: 'value', value });
  });

  it('says that a key is not there', async () => {
    const file = join(folder, 'secrets.yaml');
    const read = await resolveSource({ from_sops: file, key: 'db.none' }, folder, context);
    expect(read).toMatchObject({
      kind: 'failed',
      message: expect.stringMatching(/^sops ended with code \d+/) as string,
    });
  });
});
