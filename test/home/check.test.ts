import { chmodSync, mkdirSync, mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { checkHome, makeHome } from '../../src/home/check.ts';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'stw-home-'));
});
afterEach(() => {
  rmSync(folder, { recursive: true });
});

describe('a home', () => {
  it('is made with every folder above it, for nobody else', () => {
    const home = join(folder, 'a/b');
    expect(checkHome(home)).toBeNull();
    expect(makeHome(home)).toBeNull();
    expect(statSync(home).mode & 0o777).toBe(0o700);
    expect(makeHome(home)).toBeNull();
  });

  it.each(['/proc/stateward/home', 'file/home'])(
    'that cannot be made is an error with a way out: %s',
    (path) => {
      writeFileSync(join(folder, 'file'), '');
      const home = join(path.startsWith('/') ? '/' : folder, path);
      expect(makeHome(home)).toMatchObject({
        code: 'PERMISSION',
        hint: expect.stringContaining('STATEWARD_HOME') as string,
      });
    },
  );

  it('that is open to everybody, as a tmpfs is, is refused with the folder to name in it', () => {
    const tmpfs = join(folder, 'tmpfs');
    mkdirSync(tmpfs);
    chmodSync(tmpfs, 0o1777);
    expect(checkHome(tmpfs)).toMatchObject({
      code: 'HOME_UNSAFE',
      hint: `name a folder in it: STATEWARD_HOME=${tmpfs}/stateward`,
    });
    expect(checkHome(join(tmpfs, 'stateward'))).toBeNull();
  });

  it('below a file is refused before anything is tried', () => {
    writeFileSync(join(folder, 'file'), '');
    expect(checkHome(join(folder, 'file'))).toMatchObject({ code: 'HOME_UNSAFE' });
  });
});
