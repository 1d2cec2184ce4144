import { existsSync, readFileSync } from 'node:fs';
import { expect, it } from 'vitest';

const text = readFileSync('docs/security.md', 'utf8');

it('docs/security.md names tests that are there, and is found from the README', () => {
  const named = [...text.matchAll(/`(test\/[\w/.-]+)`/g)].map(([, path = '']) => path);
  expect(named.length).toBeGreaterThan(6);
  expect(named.filter((path) => !existsSync(path))).toEqual([]);
  expect(readFileSync('README.md', 'utf8')).toContain('(docs/security.md)');
});
