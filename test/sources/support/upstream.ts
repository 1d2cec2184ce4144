import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** Git without any configuration of whoever runs the tests. */
export const GIT_ENV = {
  PATH: process.env['PATH'] ?? '/usr/bin:/bin',
  HOME: '/nonexistent',
  GIT_CONFIG_NOSYSTEM: '1',
  GIT_CONFIG_GLOBAL: '/dev/null',
  GIT_AUTHOR_NAME: 'Ann',
  GIT_AUTHOR_EMAIL: 'ann@example.org',
  GIT_AUTHOR_DATE: '1700000000 +0000',
  GIT_COMMITTER_NAME: 'Ann',
  GIT_COMMITTER_EMAIL: 'ann@example.org',
  GIT_COMMITTER_DATE: '1700000000 +0000',
};

/** What a file of a commit is: its text, or a link, or a submodule. */
export type FileContent =
  string | { readonly link: string } | { readonly submodule: string } | { readonly run: string };

export interface CommitOptions {
  readonly branch?: string;
  readonly message?: string;
  /** Absent: what the branch is at. null: none, a history of its own. */
  readonly parent?: string | null;
}

/** A bare repository that others fetch from. */
export class Upstream implements Disposable {
  readonly folder = mkdtempSync(join(tmpdir(), 'stateward-upstream-'));
  readonly dir: string;
  #count = 0;

  constructor(format: 'sha1' | 'sha256' = 'sha1') {
    this.dir = join(this.folder, 'shop.git');
    mkdirSync(this.dir);
    this.git(['init', '--quiet', '--bare', '--initial-branch=main', `--object-format=${format}`]);
  }

  get url(): string {
    return `file://${this.dir}`;
  }

  git(
    args: readonly string[],
    options: { input?: string | Buffer; env?: Record<string, string> } = {},
  ): string {
    const { input, env } = options;
    const done = spawnSync('git', [...args], {
      cwd: this.dir,
      env: { ...GIT_ENV, ...env },
      maxBuffer: 1 << 28,
      ...(input !== undefined && { input }),
    });
    if (done.status !== 0) throw new Error(`git ${args.join(' ')}: ${done.stderr.toString()}`);
    return done.stdout.toString().trim();
  }

  /** Adds a commit with these files to a branch, by fast-import: files that are not named stay. */
  commit(files: Readonly<Record<string, FileContent | null>>, options: CommitOptions = {}): string {
    const { branch = 'main', message = `change ${this.#count}`, parent } = options;
    this.#count += 1;
    const ref = `refs/heads/${branch}`;
    const from = parent === undefined ? this.#at(ref) : parent;
    const parts: (string | Buffer)[] = [];
    if (parent === null && this.#at(ref) !== null) parts.push(`reset ${ref}\n`);
    parts.push(`commit ${ref}\ncommitter Ann <ann@example.org> ${1700000000 + this.#count} +0000\n`);
    parts.push(`data ${Buffer.byteLength(message)}\n${message}\n`);
    if (from !== null) parts.push(`from ${from}\n`);
    for (const [path, content] of Object.entries(files)) parts.push(fileLines(path, content));
    this.git(['fast-import', '--quiet', '--force'], {
      input: Buffer.concat(parts.map((part) => Buffer.from(part))),
    });
    return this.at(ref);
  }

  /** The commit that a name leads to. */
  at(name: string): string {
    return this.git(['rev-parse', '--verify', `${name}^{commit}`]);
  }

  #at(ref: string): string | null {
    try {
      return this.at(ref);
    } catch {
      return null;
    }
  }

  [Symbol.dispose](): void {
    rmSync(this.folder, { recursive: true, force: true });
  }
}

function fileLines(path: string, content: FileContent | null): string {
  const name = `"${path.replaceAll('\\', '\\\\').replaceAll('"', '\\"').replaceAll('\n', '\\n')}"`;
  if (content === null) return `D ${name}\n`;
  if (typeof content !== 'string' && 'submodule' in content) return `M 160000 ${content.submodule} ${name}\n`;
  const [mode, text] =
    typeof content === 'string'
      ? ['100644', content]
      : 'link' in content
        ? ['120000', content.link]
        : ['100755', content.run];
  return `M ${mode} inline ${name}\ndata ${Buffer.byteLength(text)}\n${text}\n`;
}
