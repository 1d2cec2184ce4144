import { execFileSync, spawn, spawnSync, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { freePort } from '../../../support/free-port.ts';
import { TokenServer } from './token-server.ts';

/** What is there to run it, or why not: said once, where its tests are skipped. */
export const NO_REGISTRY =
  [
    ...(spawnSync('docker-registry', ['--version']).status === 0 ? [] : ['docker-registry']),
    ...(spawnSync('openssl', ['version']).status === 0 ? [] : ['openssl']),
  ].join(', ') || null;

/** The password is `right`. */
const HTPASSWD = 'me:$2y$05$LHHIQ7pasYH9vQ/IR.NRoOmNu9NT34hVPhVNDG4JjvWo6adr24QE6\n';

interface DebianOptions {
  /** With a certificate of an authority that nobody knows. */
  readonly tls?: boolean;
  readonly login?: 'basic' | 'token';
}

/** The registry that most others are made from, from the Debian package docker-registry. */
export class DebianRegistry implements AsyncDisposable {
  readonly folder = mkdtempSync(join(tmpdir(), 'debian-registry-'));
  /** Of the certificate authority; there is one with `tls`. */
  readonly authority = join(this.folder, 'ca.pem');
  host = '';
  #tokens: TokenServer | null = null;
  #program: ChildProcess | null = null;

  static async open({ tls = false, login }: DebianOptions = {}): Promise<DebianRegistry> {
    const registry = new DebianRegistry();
    try {
      await registry.#start(tls, login ?? null);
      return registry;
    } catch (error) {
      await registry[Symbol.asyncDispose]();
      throw error;
    }
  }

  async #start(tls: boolean, login: 'basic' | 'token' | null): Promise<void> {
    const port = await freePort();
    // By this name it is not known to be this machine: it is asked with TLS as any other.
    this.host = `${tls ? '0.0.0.0' : '127.0.0.1'}:${port}`;
    if (tls || login === 'token') makeCertificate(this.folder);
    const config = {
      ...{ version: 0.1, log: { level: 'info' } },
      storage: { filesystem: { rootdirectory: join(this.folder, 'images') } },
      http: {
        addr: `127.0.0.1:${port}`,
        ...(tls && { tls: { certificate: join(this.folder, 'own.pem'), key: join(this.folder, 'own.key') } }),
      },
      ...(login !== null && { auth: await this.#auth(login) }),
    };
    const file = join(this.folder, 'config.yml');
    writeFileSync(file, JSON.stringify(config));
    const program = spawn('docker-registry', ['serve', file], { stdio: ['ignore', 'ignore', 'pipe'] });
    this.#program = program;
    for await (const line of createInterface(program.stderr)) if (line.includes('listening on')) break;
    program.stderr.resume();
  }

  async #auth(login: 'basic' | 'token'): Promise<unknown> {
    if (login === 'basic') {
      const path = join(this.folder, 'htpasswd');
      writeFileSync(path, HTPASSWD);
      return { htpasswd: { realm: 'test', path } };
    }
    this.#tokens = await TokenServer.open(join(this.folder, 'own.pem'), join(this.folder, 'own.key'));
    const { url, service, issuer } = this.#tokens;
    return { token: { realm: url, service, issuer, rootcertbundle: this.authority } };
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#tokens?.[Symbol.asyncDispose]();
    if (this.#program?.exitCode === null) {
      const ended = once(this.#program, 'exit');
      this.#program.kill();
      await ended;
    }
    rmSync(this.folder, { recursive: true, force: true });
  }
}

/** An authority of one's own (ca.pem), and what it certifies (own.pem, own.key). */
function makeCertificate(folder: string): void {
  const openssl = (...args: readonly string[]): unknown =>
    execFileSync('openssl', args, { cwd: folder, stdio: 'ignore' });
  const key = ['-newkey', 'rsa:2048', '-nodes', '-days', '2'];
  openssl('req', '-x509', ...key, '-keyout', 'ca.key', '-out', 'ca.pem', '-subj', '/CN=Test authority');
  openssl('req', ...key.slice(0, 3), '-keyout', 'own.key', '-out', 'own.csr', '-subj', '/CN=registry');
  writeFileSync(join(folder, 'own.ext'), 'subjectAltName=IP:0.0.0.0,IP:127.0.0.1\n');
  const by = ['-CA', 'ca.pem', '-CAkey', 'ca.key', '-CAcreateserial', '-days', '2', '-extfile', 'own.ext'];
  openssl('x509', '-req', '-in', 'own.csr', '-out', 'own.pem', ...by);
}
