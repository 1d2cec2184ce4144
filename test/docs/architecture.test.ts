import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));
const text = readFileSync(join(ROOT, 'docs/architecture.md'), 'utf8');

/** What stands in the first column of the table of rooms: `src/a/b` `c` means src/a/b and src/a/c. */
function roomsOfRow(row: string): readonly string[] {
  const [first = '', ...others] = [...(row.split('|')[1] ?? '').matchAll(/`([^`]+)`/g)].map(
    ([, name]) => name ?? '',
  );
  return [first, ...others.map((name) => join(first, '..', name))];
}

const rooms = text
  .split('\n')
  .filter((line) => line.startsWith('| `src/'))
  .flatMap(roomsOfRow);

/** Folders of `src` that have code of their own. */
function* foldersBelow(folder: string): Generator<string> {
  const entries = readdirSync(join(ROOT, folder), { withFileTypes: true });
  if (entries.some((entry) => entry.isFile() && entry.name.endsWith('.ts'))) yield folder;
  for (const entry of entries) if (entry.isDirectory()) yield* foldersBelow(`${folder}/${entry.name}`);
}

describe('the map of the house', () => {
  it('names no file and no folder that is not there', () => {
    const files = [...text.matchAll(/`([a-z0-9-]+(?:\/[a-z0-9-]+)+\.ts)`/g)].map(
      ([, path]) => `src/${path ?? ''}`,
    );
    expect(files.length).toBeGreaterThan(50);
    expect([...files, ...rooms].filter((path) => !existsSync(join(ROOT, path)))).toEqual([]);
  });

  it.each(['src/plan', 'src/runner'])('the README of %s names no file that is not there', (room) => {
    const files = [...readFileSync(join(ROOT, room, 'README.md'), 'utf8').matchAll(/`([a-z0-9-/]+\.ts)`/g)];
    expect(files.length).toBeGreaterThan(5);
    const paths = files.map(([, path = '']) => path);
    const below = readdirSync(join(ROOT, room), { recursive: true, encoding: 'utf8' });
    // In a row about one folder its files go by their names.
    const isThere = (path: string): boolean =>
      existsSync(join(ROOT, 'src', path)) ||
      below.some((found) => found === path || found.endsWith(`/${path}`));
    expect(paths.filter((path) => !isThere(path))).toEqual([]);
  });

  it('has a row for every room, and for every folder in one', () => {
    const isNamed = (folder: string): boolean =>
      rooms.includes(folder) ||
      rooms.some((room) => folder.startsWith(`${room}/`) && folder.split('/').length > 3);
    expect(
      [...foldersBelow('src')].filter(
        (folder) => folder !== 'src' && !isNamed(folder) && !folder.endsWith('/generated'),
      ),
    ).toEqual([]);
  });
});
