import { spawnSync } from 'node:child_process';
import { mkdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { beforeEach, describe, expect, it } from 'vitest';
import { checkedOutCommit, checkedOutCommits } from '../../../src/cli/declare/git-commit.ts';
import { temporaryFolder } from '../../state/folder.ts';
import { projectSpec } from '../../state/specs.ts';

const A = 'a1'.repeat(20);
const B = 'b2'.repeat(20);
const SHA256 = 'c3'.repeat(32);

/** A folder of its own, with an ecosystem file below the top of `repo`. */
let folder: string;
let file: string;
beforeEach(() => {
  folder = temporaryFolder();
  file = write('repo/deploy/ecosystem.yaml', '');
});

function write(path: string, text: string): string {
  const written = join(folder, path);
  mkdirSync(dirname(written), { recursive: true });
  writeFileSync(written, text);
  return written;
}

/** The folder `.git` of a repository on the branch main, at A. */
function repository(gitDir = 'repo/.git'): void {
  write(`${gitDir}/HEAD`, 'ref: refs/heads/main\n');
  write(`${gitDir}/refs/heads/main`, `${A}\n`);
}

describe('the commit that is checked out', () => {
  it('is what the branch of HEAD names, found from any folder below', () => {
    repository();
    expect(checkedOutCommit(file)).toBe(A);
    expect(checkedOutCommit(write('repo/ecosystem.yaml', ''))).toBe(A);
  });

  it('is HEAD itself where no branch is checked out, also a long hash', () => {
    write('repo/.git/HEAD', `${B}\n`);
    expect(checkedOutCommit(file)).toBe(B);
    write('repo/.git/HEAD', `${SHA256}\n`);
    expect(checkedOutCommit(file)).toBe(SHA256);
  });

  it('is looked up among the packed refs, by the whole name, after the loose ones', () => {
    const refs = [
      '# pack-refs with: peeled fully-peeled sorted ',
      `${B} refs/heads/feature/ü`,
      `${B} refs/heads/main2`,
      `${A} refs/heads/main`,
      `${B} refs/remotes/x/refs/heads/main`,
      `${B} refs/tags/v1`,
      `^${A}`,
      '',
    ];
    write('repo/.git/packed-refs', refs.join('\n'));
    write('repo/.git/HEAD', 'ref: refs/heads/main\n');
    expect(checkedOutCommit(file)).toBe(A);
    write('repo/.git/HEAD', 'ref: refs/heads/feature/ü\n');
    mkdirSync(join(folder, 'repo/.git/refs/heads/feature/ü'), { recursive: true });
    expect(checkedOutCommit(file)).toBe(B);
    write('repo/.git/HEAD', 'ref: refs/heads/main\n');
    write('repo/.git/refs/heads/main', SHA256);
    expect(checkedOutCommit(file)).toBe(SHA256);
  });

  it('of a worktree is its own, with the branches of the repository', () => {
    repository('main/.git');
    write('main/.git/worktrees/repo/HEAD', 'ref: refs/heads/other\n');
    write('main/.git/worktrees/repo/commondir', '../..\n');
    write('main/.git/packed-refs', `${B} refs/heads/other\n`);
    write('repo/.git', `gitdir: ${join(folder, 'main/.git/worktrees/repo')}\n`);
    expect(checkedOutCommit(file)).toBe(B);
    write('main/.git/refs/heads/other', SHA256);
    expect(checkedOutCommit(file)).toBe(SHA256);
  });

  it('of a submodule is found by a relative path', () => {
    repository('.git');
    write('.git/modules/repo/HEAD', `${B}\n`);
    write('repo/.git', 'gitdir: ../.git/modules/repo\n');
    expect(checkedOutCommit(file)).toBe(B);
  });

  it('is that of the folder that a link leads to', () => {
    repository();
    symlinkSync(dirname(file), join(folder, 'current'));
    expect(checkedOutCommit(join(folder, 'current/ecosystem.yaml'))).toBe(A);
  });

  it.each([
    ['nothing at all', () => undefined],
    ['an empty .git', () => mkdirSync(join(folder, 'repo/.git'))],
    ['a .git that is not a pointer', () => write('repo/.git', 'hello')],
    ['a .git that points to nothing', () => write('repo/.git', 'gitdir: /nowhere/at/all\n')],
    ['a .git that points to itself', () => write('repo/.git', 'gitdir: .git\n')],
    ['a branch without a commit', () => write('repo/.git/HEAD', 'ref: refs/heads/main\n')],
    ['an empty HEAD', () => write('repo/.git/HEAD', '')],
    ['a hash that is too short', () => write('repo/.git/HEAD', `${A.slice(1)}\n`)],
    ['a HEAD with a NUL', () => write('repo/.git/HEAD', 'ref: refs/heads/\0\n')],
    ['a HEAD of another ref than a branch or a tag', () => write('repo/.git/HEAD', 'ref: ../../secret\n')],
    ['a HEAD that is a folder', () => mkdirSync(join(folder, 'repo/.git/HEAD'), { recursive: true })],
    ['a device for HEAD', () => link('repo/.git/HEAD', '/dev/zero')],
    ['a FIFO for HEAD', () => fifo('repo/.git/HEAD')],
    ['a reftable', () => write('repo/.git/HEAD', 'ref: refs/heads/.invalid\n')],
    ['a damaged ref beside a packed one', () => damaged('garbage')],
    ['a ref that is far too long', () => damaged('a'.repeat(100_000))],
    ['refs that name each other', () => damaged('ref: refs/heads/main')],
    ['packed refs that are far too long', () => packed(`${A} refs/heads/main\n`.repeat(100_000))],
    ['garbage for packed refs', () => packed(' refs/heads/main\n')],
  ])('is none with %s', (_, prepare) => {
    prepare();
    expect(checkedOutCommit(file)).toBeNull();
  });

  it('follows no ref out of the repository', () => {
    write('secret', A);
    write('repo/.git/HEAD', 'ref: refs/../../../secret\n');
    expect(checkedOutCommit(file)).toBeNull();
  });

  it('is none of a file that is not there', () => {
    repository();
    expect(checkedOutCommit(join(folder, 'repo/nothing/here.yaml'))).toBeNull();
  });

  it('is what git says it is', ({ skip }) => {
    const git = (cwd: string, ...args: string[]) =>
      spawnSync('git', ['-c', 'user.name=ann', '-c', 'user.email=ann@localhost', ...args], {
        cwd,
        encoding: 'utf8',
        // No settings of whoever runs this.
        env: { PATH: process.env['PATH'], HOME: folder },
      });
    const top = join(folder, 'repo');
    if (git(top, 'init', '--quiet').status !== 0) skip('there is no git here');
    const worktree = join(folder, 'worktree');
    git(top, 'add', '.');
    git(top, 'commit', '--quiet', '-m', 'first');
    git(top, 'worktree', 'add', '--quiet', worktree, '-b', 'some/branch');
    git(worktree, 'commit', '--quiet', '--allow-empty', '-m', 'second');
    const folders = [top, worktree];
    const said = folders.map((cwd) => git(cwd, 'rev-parse', 'HEAD').stdout.trim());
    const found = () => folders.map((at) => checkedOutCommit(join(at, relative(top, file))));
    expect(new Set(said).size).toBe(2);
    expect(found()).toEqual(said);
    git(top, 'pack-refs', '--all');
    expect(found()).toEqual(said);
  });
});

function link(path: string, target: string): void {
  repository();
  rmSync(join(folder, path));
  symlinkSync(target, join(folder, path));
}

function fifo(path: string): void {
  repository();
  rmSync(join(folder, path));
  spawnSync('mkfifo', [join(folder, path)]);
}

/** A branch without a file of its own. */
function packed(refs: string): void {
  write('repo/.git/HEAD', 'ref: refs/heads/main\n');
  write('repo/.git/packed-refs', refs);
}

/** The branch with this for its file, and with a commit among the packed refs, which is older. */
function damaged(ref: string): void {
  repository();
  write('repo/.git/refs/heads/main', ref);
  write('repo/.git/packed-refs', `${B} refs/heads/main\n`);
}

it('is that of the first file of each project, and of none for standard input', () => {
  repository();
  write('other/.git/HEAD', `${B}\n`);
  const other = write('other/ecosystem.yaml', '');
  const project = (name: string, ...files: string[]) => ({
    ...projectSpec(name, []),
    source: { files, env: null },
  });
  expect(
    checkedOutCommits([
      project('shop', file, other),
      project('blog', other),
      project('piped', '-', other),
      project('by-hand'),
      project('loose', '/dev/null'),
    ]),
  ).toEqual({ shop: A, blog: B });
});
