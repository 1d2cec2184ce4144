import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { GIT_ENV, type Upstream } from './upstream.ts';

/** Keys of ssh and OpenPGP, and commits and tags that are signed with them. */
export class Keys implements Disposable {
  // Short: sockets of gpg's agent have little room.
  readonly folder = mkdtempSync(join(tmpdir(), 'stw-keys-'));

  /** A key of ssh; gives the file of the private one. */
  ssh(name: string): string {
    const file = join(this.folder, name);
    if (!existsSync(file))
      execFileSync('ssh-keygen', ['-q', '-t', 'ed25519', '-N', '', '-C', name, '-f', file]);
    return file;
  }

  /** The public key, as `ssh-ed25519 AAAA…`. */
  publicKey(name: string): string {
    return readFileSync(`${this.ssh(name)}.pub`, 'utf8')
      .trim()
      .split(' ')
      .slice(0, 2)
      .join(' ');
  }

  fingerprint(name: string): string {
    return (
      execFileSync('ssh-keygen', ['-l', '-f', `${this.ssh(name)}.pub`])
        .toString()
        .split(' ')[1] ?? ''
    );
  }

  file(name: string, text: string): string {
    const path = join(this.folder, name);
    writeFileSync(path, text);
    return path;
  }

  get #gnupg(): string {
    const home = join(this.folder, 'g');
    mkdirSync(home, { recursive: true, mode: 0o700 });
    return home;
  }

  gpg(args: readonly string[], input?: string): Buffer {
    return execFileSync(
      'gpg',
      [
        '--batch',
        '--quiet',
        '--yes',
        '--homedir',
        this.#gnupg,
        '--passphrase',
        '',
        '--pinentry-mode',
        'loopback',
        ...args,
      ],
      {
        stdio: ['pipe', 'pipe', 'pipe'],
        ...(input !== undefined && { input }),
      },
    );
  }

  /** Makes an OpenPGP key; gives its fingerprint. */
  openpgp(user: string, expire = 'never', args: readonly string[] = []): string {
    this.gpg([...args, '--quick-gen-key', user, 'ed25519', 'sign', expire]);
    const lines = this.gpg(['--with-colons', '--list-keys', `=${user}`]).toString();
    return /^fpr:+([0-9A-F]+):/m.exec(lines)?.[1] ?? '';
  }

  /** Signs what a branch is at anew: the branch then leads to a commit with the same files. */
  signedCommit(
    upstream: Upstream,
    key: string,
    { format = 'ssh', parent }: { format?: 'ssh' | 'openpgp'; parent?: string | null } = {},
  ): string {
    const before = upstream.at('main');
    const from = parent === undefined ? [before] : parent === null ? [] : [parent];
    const commit = upstream.git(
      [
        ...this.#settings(key, format),
        'commit-tree',
        '-S',
        '-m',
        'signed',
        ...from.flatMap((one) => ['-p', one]),
        `${before}^{tree}`,
      ],
      { env: { ...GIT_ENV, GNUPGHOME: this.#gnupg } },
    );
    upstream.git(['update-ref', 'refs/heads/main', commit]);
    return commit;
  }

  signedTag(upstream: Upstream, name: string, key: string, format: 'ssh' | 'openpgp' = 'ssh'): void {
    upstream.git([...this.#settings(key, format), 'tag', '-s', '-f', '-m', 'release', name, 'main'], {
      env: { GNUPGHOME: this.#gnupg },
    });
  }

  #settings(key: string, format: 'ssh' | 'openpgp'): readonly string[] {
    return ['-c', `gpg.format=${format}`, '-c', `user.signingkey=${key}`];
  }

  [Symbol.dispose](): void {
    if (existsSync(join(this.folder, 'g')))
      execFileSync('gpgconf', ['--homedir', this.#gnupg, '--kill', 'all']);
    rmSync(this.folder, { recursive: true, force: true });
  }
}
