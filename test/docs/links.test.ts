import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join, normalize } from 'node:path';
import { describe, expect, it } from 'vitest';

const ROOT = join(import.meta.dirname, '../..');

interface Packed {
  readonly files: readonly { readonly path: string }[];
}

/** The files of the package. */
function packed(): readonly string[] {
  const args = ['pack', '--dry-run', '--json', '--ignore-scripts'];
  const [found] = JSON.parse(execFileSync('npm', args, { cwd: ROOT, encoding: 'utf8' })) as Packed[];
  return found?.files.map(({ path }) => path) ?? [];
}

/** Where the links of a page lead, outside of code. */
function linksOf(text: string): readonly string[] {
  const prose = text.replaceAll(/^```[^]*?^```$/gm, '').replaceAll(/`[^`\n]*`/g, '');
  return [...prose.matchAll(/\]\(([^)\s]+)\)/g)].map(([, target = '']) => target);
}

/** As links name headings. */
function anchorsOf(text: string): readonly string[] {
  return [...text.matchAll(/^#{1,6} (.+)$/gm)].map(([, title = '']) =>
    title
      .toLowerCase()
      .replaceAll(/[^\w\s-]/g, '')
      .trim()
      .replaceAll(/\s/g, '-'),
  );
}

describe('the pages of the package', () => {
  const files = packed();
  const pages = files.filter((path) => path.endsWith('.md'));

  it('link only to what is packed too, and to headings that are there', () => {
    const broken: string[] = [];
    let links = 0;
    for (const page of pages) {
      for (const link of linksOf(readFileSync(join(ROOT, page), 'utf8'))) {
        if (/^[a-z]+:/.test(link)) continue;
        links += 1;
        const [path = '', anchor] = link.split('#');
        const target = path === '' ? page : normalize(join(page, '..', path)).replace(/\/$/, '');
        const isThere = files.some((file) => file === target || file.startsWith(`${target}/`));
        const isFound =
          anchor === undefined ||
          (isThere && anchorsOf(readFileSync(join(ROOT, target), 'utf8')).includes(anchor));
        if (!isThere || !isFound) broken.push(`${page}: ${link}`);
      }
    }
    expect(broken).toEqual([]);
    expect(links).toBeGreaterThan(20);
  });
});
