import { mkdirSync, mkdtempSync, realpathSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, it } from 'vitest';
import { logicalFolder } from '../../../src/cli/session/working-folder.ts';

const root = realpathSync(mkdtempSync(join(tmpdir(), 'stw-pwd-')));
const release = join(root, 'releases/42');
const current = join(root, 'current');
mkdirSync(release, { recursive: true });
symlinkSync(release, current);
afterAll(() => rmSync(root, { recursive: true }));

it('keeps the link that the shell went over', () => {
  expect(logicalFolder(release, current)).toBe(current);
});

it.each([
  ['another folder', root],
  ['a folder that is not there', join(root, 'nowhere')],
  ['a relative path', 'current'],
  ['a path that goes up', `${root}/releases/../current`],
  ['none', undefined],
])('does not believe %s', (_what, pwd) => {
  expect(logicalFolder(release, pwd)).toBe(release);
});
