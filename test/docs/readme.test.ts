import { existsSync, readFileSync } from 'node:fs';
import { join, posix } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));
const text = readFileSync(join(ROOT, 'README.md'), 'utf8');
const { files } = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8')) as {
  readonly files: readonly string[];
};
/** What npm packs whatever `files` says. */
const ALWAYS = ['README.md', 'LICENSE', 'package.json'];

const links = [...text.matchAll(/\]\(([^)\s]+)\)/g)].map(([, link = '']) => link);

describe('the README, which is the front page of the package too', () => {
  it('begins with how to install it', () => {
    expect(/```\w*\n(.*)/.exec(text)?.[1]).toMatch(/^npm i -g stateward/);
  });

  it.each(links.filter((link) => !/^(https?:|#)/.test(link)))('links to what is packed: %s', (link) => {
    const [path = '', anchor] = link.split('#');
    const isPacked = [...files, ...ALWAYS].some(
      (one) => path === one || path.startsWith(`${posix.normalize(one)}/`),
    );
    expect([path, isPacked && existsSync(join(ROOT, path))]).toEqual([path, true]);
    if (anchor === undefined) return;
    const headings = [...readFileSync(join(ROOT, path), 'utf8').matchAll(/^#+ (.+)$/gm)].map(
      ([, title = '']) =>
        title
          .toLowerCase()
          .replaceAll(/[^\w\s-]/g, '')
          .replaceAll(' ', '-'),
    );
    expect(headings).toContain(anchor);
  });
});
