import { mkdtempSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { makeFolder, makeFolderSync } from '../../src/lib/make-folder.ts';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync('/tmp/stw-');
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const at = (name: string): string => join(folder, name);

describe.each<[string, (path: string, mode: number) => Promise<void>]>([
  ['makeFolder', makeFolder],
  [
    'makeFolderSync',
    (path, mode) =>
      new Promise((resolve) => {
        makeFolderSync(path, mode);
        resolve();
      }),
  ],
])('%s', (_name, make) => {
  it('makes folders however deep, for several at once', async () => {
    await Promise.all([make(at('a/b/c'), 0o750), make(at('a/b/c'), 0o750), make(at('a/b/d'), 0o750)]);
    expect(readdirSync(at('a/b')).sort()).toEqual(['c', 'd']);
    expect(statSync(at('a')).mode & 0o777).toBe(0o750);
  });

  it('leaves one that is there as it is', async () => {
    await make(at('a'), 0o700);
    await make(at('a'), 0o755);
    expect(statSync(at('a')).mode & 0o777).toBe(0o700);
  });

  it('comes back from where nothing can be made', async () => {
    await expect(make('/proc/none/a/b', 0o700)).rejects.toThrow('ENOENT');
    writeFileSync(at('file'), '');
    await expect(make(at('file/a'), 0o700)).rejects.toThrow(/EEXIST|ENOTDIR/);
  });
});
