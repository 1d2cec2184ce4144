import { execFileSync } from 'node:child_process';
import {
  existsSync,
  lstatSync,
  readFileSync,
  readlinkSync,
  readdirSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Failure } from '../../../src/lib/failure.ts';
import type { Exported, TreeBounds } from '../../../src/sources/git/model.ts';
import { leadsOut } from '../../../src/sources/git/trees/links.ts';
import { pathProblem } from '../../../src/sources/git/trees/path-name.ts';
import { containing } from '../support/containing.ts';
import { Mirror } from '../support/mirror.ts';
import { GIT_ENV, Upstream } from '../support/upstream.ts';

const BOUNDS: TreeBounds = { maxFiles: 200_000, maxBytes: 64 * 1024 * 1024 };

/** A mirror that holds objects which no fetch would let in: what is written is looked at all the same. */
class Trees implements Disposable {
  readonly mirror = new Mirror('file:///nowhere');
  #count = 0;

  constructor() {
    this.git(['init', '--quiet', '--bare', this.mirror.dir]);
  }

  git(args: readonly string[], input?: Buffer | string): string {
    return execFileSync('git', [...args], {
      cwd: this.mirror.folder,
      env: { ...GIT_ENV, GIT_DIR: this.mirror.dir },
      ...(input !== undefined && { input }),
      stdio: ['pipe', 'pipe', 'pipe'],
    })
      .toString()
      .trim();
  }

  object(type: 'blob' | 'tree', content: Buffer | string): string {
    return this.git(['hash-object', '-t', type, '-w', '--stdin', '--literally'], content);
  }

  /** A tree as it is given, whatever git thinks of it. */
  tree(entries: readonly (readonly [mode: string, name: string, id: string])[]): string {
    const parts = entries.map(([mode, name, id]) =>
      Buffer.concat([Buffer.from(`${mode} ${name}\0`), Buffer.from(id, 'hex')]),
    );
    return this.object('tree', Buffer.concat(parts));
  }

  commit(tree: string): string {
    return this.git(['commit-tree', '-m', 'x', tree]);
  }

  async export(commit: string, bounds = BOUNDS): Promise<Exported | (Failure & { readonly folder: string })> {
    const folder = this.next();
    const result = await this.mirror.repository.exportTo(commit, folder, bounds);
    return result.ok ? result.value : { ...result.error, folder };
  }

  get folder(): string {
    return join(this.mirror.folder, `out-${this.#count}`);
  }

  next(): string {
    this.#count += 1;
    return this.folder;
  }

  [Symbol.dispose](): void {
    this.mirror[Symbol.dispose]();
  }
}

describe('an exported tree', () => {
  it('has the files of the commit: content, executable bit, links that stay inside, names that look like options', async () => {
    using upstream = new Upstream();
    upstream.commit({
      'a.txt': 'one\r\ntwo\n',
      'bin/run': { run: '#!/bin/sh\n' },
      '--version': 'x',
      'deep/-rf': 'y',
      'a "quoted" \\ name': 'z',
      'ünïcode/文件': 'u',
      link: { link: 'deep/../a.txt' },
      later: { link: 'node_modules/made/by/the/build' },
    });
    using mirror = new Mirror(upstream.url);
    const { commit } = await mirror.take();
    const out = join(mirror.folder, 'out');
    expect(await mirror.repository.exportTo(commit, out, BOUNDS)).toMatchObject({
      ok: true,
      value: { files: 8, warnings: [] },
    });
    expect(readFileSync(join(out, 'a.txt'), 'utf8')).toBe('one\r\ntwo\n');
    expect(statSync(join(out, 'bin/run')).mode & 0o100).toBe(0o100);
    expect(statSync(join(out, 'a.txt')).mode & 0o100).toBe(0);
    expect(readlinkSync(join(out, 'link'))).toBe('deep/../a.txt');
    expect(readFileSync(join(out, 'ünïcode/文件'), 'utf8')).toBe('u');
    expect(readFileSync(join(out, 'a "quoted" \\ name'), 'utf8')).toBe('z');
    expect(readdirSync(out)).toContain('--version');
    expect(existsSync(join(out, '.git'))).toBe(false);
    expect(await mirror.repository.treeHash(commit, 'deep')).toEqual({
      ok: true,
      value: upstream.git(['rev-parse', `${commit}:deep`]),
    });
    expect(await mirror.repository.treeHash(commit, 'none')).toEqual({ ok: true, value: null });
    const again = await mirror.repository.exportTo(commit, out, BOUNDS);
    expect(again).toMatchObject({ ok: false, error: { code: 'RELEASE_FAILED' } });
  });

  it('does nothing that the repository asks for by attributes, hooks or configuration', async () => {
    using upstream = new Upstream();
    upstream.commit({
      '.gitattributes': [
        '*.txt text eol=crlf ident working-tree-encoding=UTF-16 filter=evil',
        'secret export-ignore',
        'version export-subst',
        '*.bin filter=lfs diff=lfs merge=lfs -text',
      ].join('\n'),
      '.gitmodules': '[submodule "x"]\n\tpath = sub\n\turl = ext::touch /tmp/pwned\n',
      '.gitconfig': '[core]\n\tfsmonitor = touch /tmp/pwned\n',
      sub: { submodule: '1'.repeat(40) },
      'a.txt': '$Id$\nline\n',
      version: '$Format:%H$',
      secret: 's',
      'a.bin': 'version https://git-lfs.github.com/spec/v1\n',
      README: '1',
      readme: '2',
    });
    using mirror = new Mirror(upstream.url);
    const { commit } = await mirror.take();
    const marker = join(mirror.folder, 'ran');
    // Even where somebody has put them into the mirror itself.
    const run = `touch ${marker}; cat`;
    for (const [key, value] of [
      ['filter.evil.smudge', run],
      ['core.fsmonitor', run],
      ['filter.lfs.smudge', run],
    ] as const) {
      upstream.git(['--git-dir', mirror.dir, 'config', key, value]);
    }
    writeFileSync(join(mirror.dir, 'hooks-x'), '');
    const out = join(mirror.folder, 'out');
    const exported = await mirror.repository.exportTo(commit, out, BOUNDS);
    expect(exported).toMatchObject({ ok: true });
    expect(exported.ok && exported.value.warnings).toEqual([
      '"sub": submodules are left out, their folders are empty',
      '"readme": paths that differ in their case alone',
      'it uses Git LFS, whose files are not fetched: what is there are pointers to them',
    ]);
    expect(readFileSync(join(out, 'a.txt'), 'utf8')).toBe('$Id$\nline\n');
    expect(readFileSync(join(out, 'version'), 'utf8')).toBe('$Format:%H$');
    expect(readFileSync(join(out, 'secret'), 'utf8')).toBe('s');
    expect(readdirSync(join(out, 'sub'))).toEqual([]);
    expect(existsSync(marker)).toBe(false);
  });

  describe('of a hostile repository', () => {
    let trees: Trees;
    let blob: string;
    beforeAll(() => {
      trees = new Trees();
      blob = trees.object('blob', 'x');
    });
    afterAll(() => trees[Symbol.dispose]());

    it.each([
      '.git',
      '.GIT',
      '.Git',
      '.g\u200cit',
      'git~1',
      'GIT~1',
      '.git.',
      '.git ',
      '.git::$INDEX_ALLOCATION',
      '..',
      '.',
      'a\\.git\\x',
      'a\u0007b',
      'a\nb',
    ])('refuses the name %j before anything is written', async (name) => {
      for (const entries of [
        [['100644', name, blob]],
        [['40000', 'a', trees.tree([['40000', name, trees.tree([['100644', 'config', blob]])]])]],
      ] as const) {
        const result = await trees.export(trees.commit(trees.tree(entries)));
        expect(result).toMatchObject({ code: 'RELEASE_UNSAFE' });
        expect(existsSync(trees.folder)).toBe(false);
      }
    });

    it('refuses a path that is written by a slash in a name, one that is there twice, and one that is too long', async () => {
      const evil = [
        [['100644', '../outside', blob]],
        [['100644', '/etc/passwd', blob]],
        [['100644', 'a//b', blob]],
        [
          ['120000', 'a', trees.object('blob', 'b')],
          ['40000', 'a', trees.tree([['100644', 'x', blob]])],
        ],
        [
          ['100644', 'a', blob],
          ['100644', 'a', blob],
        ],
        [['100644', 'l'.repeat(300), blob]],
      ] as const;
      for (const entries of evil) {
        const result = await trees.export(trees.commit(trees.tree(entries)));
        expect(result, JSON.stringify(entries)).toMatchObject({ code: 'RELEASE_UNSAFE' });
        expect(existsSync(trees.folder)).toBe(false);
      }
    });

    it('refuses links that lead out, however they do it', async () => {
      const evil: readonly Readonly<Record<string, string>>[] = [
        { a: '/etc/passwd' },
        { a: '../secret' },
        { a: 'x/../../secret' },
        { a: '.', b: 'a/..', c: 'b/../..' },
        { a: '.', b: 'a/../secret' },
        { a: 'a'.repeat(5000) },
      ];
      for (const links of evil) {
        const entries = Object.entries(links).map(
          ([name, target]) => ['120000', name, trees.object('blob', target)] as const,
        );
        const result = await trees.export(trees.commit(trees.tree(entries)));
        expect(result, JSON.stringify(links)).toMatchObject({
          code: 'RELEASE_UNSAFE',
          message: containing('link'),
        });
        expect(existsSync(trees.folder)).toBe(false);
      }
    });

    it('keeps links in a circle, and links to folders of the tree, as they are', async () => {
      const entries = [
        ['120000', 'a', trees.object('blob', 'b')],
        ['120000', 'b', trees.object('blob', 'a')],
        [
          '40000',
          'd',
          trees.tree([
            ['120000', 'up', trees.object('blob', '../a')],
            ['100644', 'x', blob],
          ]),
        ],
      ] as const;
      expect(await trees.export(trees.commit(trees.tree(entries)))).toMatchObject({ files: 4 });
      expect(lstatSync(join(trees.folder, 'd/up')).isSymbolicLink()).toBe(true);
    });

    it('bounds the number and the size of files before it writes one', async () => {
      const big = trees.object('blob', Buffer.alloc(3 * 1024 * 1024));
      const tree = trees.tree([
        ['100644', 'a', big],
        ['100644', 'b', big],
      ]);
      expect(
        await trees.export(trees.commit(tree), { maxFiles: 10, maxBytes: 4 * 1024 * 1024 }),
      ).toMatchObject({
        code: 'RELEASE_UNSAFE',
        message: containing('4M is the most'),
      });
      expect(
        await trees.export(trees.commit(tree), { maxFiles: 1, maxBytes: BOUNDS.maxBytes }),
      ).toMatchObject({
        code: 'RELEASE_UNSAFE',
        message: 'cannot make a release of this commit: it has 2 files, and 1 is the most',
      });
      expect(existsSync(trees.folder)).toBe(false);
    });

    it('writes many files', async () => {
      const folder = trees.tree(
        Array.from({ length: 1000 }, (_, n) => ['100644', `f${String(n).padStart(4, '0')}`, blob] as const),
      );
      const top = trees.tree(
        Array.from({ length: 10 }, (_, n) => ['40000', `d${String(n).padStart(4, '0')}`, folder] as const),
      );
      expect(await trees.export(trees.commit(top))).toMatchObject({ files: 10_000, bytes: 10_000 });
    });
  });
});

describe('a fetch from a hostile repository', () => {
  it('takes nothing of one with a submodule whose address is an option', async () => {
    using upstream = new Upstream();
    upstream.commit({ '.gitmodules': '[submodule "x"]\n\tpath = x\n\turl = -u./evil\n' });
    using mirror = new Mirror(upstream.url);
    expect(await mirror.fetch()).toMatchObject({ code: 'FETCH_FAILED', why: 'bad-objects' });
  });

  it('takes nothing of one with a folder of git in its tree', async () => {
    using upstream = new Upstream();
    const blob = upstream.git(['hash-object', '-w', '--stdin'], { input: 'x' });
    const entry = Buffer.concat([Buffer.from('100644 .git\0'), Buffer.from(blob, 'hex')]);
    const tree = upstream.git(['hash-object', '-t', 'tree', '-w', '--stdin', '--literally'], {
      input: entry,
    });
    upstream.git(['update-ref', 'refs/heads/main', upstream.git(['commit-tree', '-m', 'x', tree])]);
    using mirror = new Mirror(upstream.url);
    expect(await mirror.fetch()).toMatchObject({
      ...{
        code: 'FETCH_FAILED',
        why: 'bad-objects',
        message: containing('holds something that no repository'),
      },
      details: [containing("hasDotgit: contains '.git'")],
    });
  });

  it('does not follow the alternates of a mirror that it made, as it makes none', async () => {
    using upstream = new Upstream();
    upstream.commit({ 'a.txt': '1' });
    using mirror = new Mirror(upstream.url);
    await mirror.take();
    expect(existsSync(join(mirror.dir, 'objects/info/alternates'))).toBe(false);
  });
});

describe('what paths and links may be', () => {
  it.each([
    'a',
    '-rf',
    '.github/x',
    '.gitignore',
    'git',
    '.gitx',
    'git~',
    'a b',
    'x.git',
    '..a',
    'a..',
    'git~x',
  ])('%j is a path', (path) => {
    expect(pathProblem(path)).toBeNull();
  });

  it.each([
    ['a/l', { 'a/l': '../b' }, false],
    ['a/l', { 'a/l': '../../b' }, true],
    ['l', { l: 'd/x', d: 'deep/down' }, false],
    ['l', { l: 'd/../../x', d: 'deep/down' }, false],
    ['l', { l: 'd/../../../x', d: 'deep/down' }, true],
    ['l', { l: 'd/..', d: '.' }, true],
    ['l', { l: '' }, false],
  ] as const)('%s of %j leads out: %j', (link, links, out) => {
    expect(leadsOut(link, new Map(Object.entries(links)))).toBe(out);
  });
});
