import { execFileSync } from 'node:child_process';
import { join } from 'node:path';
import { stringify } from 'yaml';
import type { SourceInfo } from '../../../../src/api/contract/wire/sources/sources.ts';
import { eventually } from '../../../support/eventually.ts';
import type { Host, Ran } from '../../../support/host.ts';

/** Git without any configuration of whoever runs the tests. */
const GIT_ENV = {
  PATH: process.env['PATH'] ?? '/usr/bin:/bin',
  HOME: '/nonexistent',
  GIT_CONFIG_NOSYSTEM: '1',
  GIT_CONFIG_GLOBAL: '/dev/null',
  GIT_AUTHOR_NAME: 'Ann',
  GIT_AUTHOR_EMAIL: 'ann@example.org',
  GIT_COMMITTER_NAME: 'Ann',
  GIT_COMMITTER_EMAIL: 'ann@example.org',
};

type Info = SourceInfo['status'];

/** A bare repository beside a host, a clone in which a person works, and the source `shop` that follows it. */
export class GitShop {
  readonly bare: string;
  readonly work: string;
  readonly #host: Pick<Host, 'folder' | 'write' | 'run'>;

  constructor(host: Pick<Host, 'folder' | 'write' | 'run'>) {
    this.#host = host;
    this.bare = join(host.folder, 'shop.git');
    this.work = join(host.folder, 'work');
    this.#git(host.folder, ['init', '-q', '--bare', '-b', 'main', this.bare]);
    this.#git(host.folder, ['clone', '-q', this.bare, this.work]);
    this.git('checkout', '-q', '-b', 'main');
  }

  #git(cwd: string, args: readonly string[], env: Readonly<Record<string, string>> = {}): string {
    const options = { cwd, encoding: 'utf8', env: { ...GIT_ENV, ...env }, maxBuffer: 1 << 28 } as const;
    return execFileSync('git', [...args], { ...options, stdio: ['ignore', 'pipe', 'pipe'] }).trim();
  }

  /** Runs git in the clone. */
  git(...args: readonly string[]): string {
    return this.#git(this.work, args);
  }

  /** Runs git in the bare repository. */
  gitThere(...args: readonly string[]): string {
    return this.#git(this.bare, args);
  }

  /** Writes a file of the clone. */
  file(path: string, text: string): void {
    this.#host.write(join('work', path), text);
  }

  /** Writes the ecosystem file of the clone: the project `shop` with these apps. */
  declare(...apps: readonly Record<string, unknown>[]): void {
    this.file('ecosystem.yaml', stringify({ project: 'shop', apps }));
  }

  /** Commits everything, and pushes it; gives the commit. */
  push(message: string, { force = false, ...how }: { signedBy?: Signing; force?: boolean } = {}): string {
    this.commit(message, how);
    this.git('push', '-q', ...(force ? ['--force'] : []), 'origin', 'main');
    return this.git('rev-parse', 'HEAD');
  }

  commit(message: string, { signedBy }: { signedBy?: Signing } = {}): void {
    this.git('add', '-A');
    const { settings = [], env = {} } = signedBy ?? {};
    const sign = signedBy === undefined ? [] : ['-S'];
    this.#git(this.work, [...settings, 'commit', '-q', '--allow-empty', '-m', message, ...sign], env);
  }

  /** Tags what the clone is at, and pushes the tag over whatever it was. */
  tag(name: string, signedBy?: Signing): void {
    const { settings = [], env = {} } = signedBy ?? {};
    const how = signedBy === undefined ? [] : ['-s', '-m', name];
    this.#git(this.work, [...settings, 'tag', '-f', ...how, name], env);
    this.git('push', '-q', '--force', 'origin', `refs/tags/${name}`);
  }

  /** Declares the source; unless `poll` says otherwise, it is looked at when a sync asks. */
  async source(keys: Readonly<Record<string, unknown>> = {}): Promise<void> {
    const source = { name: 'shop', git: this.bare, poll: false, ...keys };
    this.#host.write('sources.yaml', stringify({ sources: [source] }));
    const ran = await this.#host.run(['source', 'apply']);
    if (ran.code !== 0) throw new Error(`stateward source apply: exit ${ran.code}\n${ran.text}`);
  }

  sync(...args: readonly string[]): Promise<Ran> {
    return this.#host.run(['source', 'sync', 'shop', ...args]);
  }

  /** null: the daemon does not answer at this moment. */
  async info(): Promise<SourceInfo | null> {
    const ran = await this.#host.run(['source', 'describe', 'shop', '-o', 'json']);
    return ran.code === 0 ? (JSON.parse(ran.stdout) as SourceInfo) : null;
  }

  async status(): Promise<Info> {
    return eventually(async () => (await this.info())?.status);
  }

  /** Waits until the source says so. */
  async becomes(holds: (status: Info) => boolean): Promise<Info> {
    return eventually(async () => {
      const status = (await this.info())?.status;
      return status !== undefined && holds(status) ? status : undefined;
    });
  }
}

/** With what something is signed: settings of git in front of its command, and its environment. */
export interface Signing {
  readonly settings: readonly string[];
  readonly env?: Readonly<Record<string, string>>;
}
