import { execFileSync, spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, existsSync, mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { userInfo } from 'node:os';
import { dirname, join } from 'node:path';
import { createInterface } from 'node:readline';
import { freePort } from '../../support/free-port.ts';

const PROGRAM = ['/usr/sbin/sshd', '/usr/bin/sshd'].find((path) => existsSync(path));

/** Why there is no ssh server to test against; null: there is one. */
export function whyNoSshd(): string | null {
  if (PROGRAM === undefined) return 'there is no sshd (openssh-server)';
  const { uid, shell } = userInfo();
  if (/\/(?:nologin|false)$/.test(shell ?? '')) return `this user may not log in (${shell})`;
  return uid === 0 || existsSync('/run/sshd') ? null : 'there is no /run/sshd';
}

/** An ssh server of this user on loopback, with keys of its own. */
export interface Sshd extends AsyncDisposable {
  readonly port: number;
  readonly key: string;
  /** A key that it does not know. */
  readonly wrongKey: string;
  readonly options: readonly string[];
  /** Ends the connections that there are. */
  cut(): void;
}

export async function startSshd(folder: string): Promise<Sshd> {
  if (PROGRAM === undefined) throw new Error('no sshd');
  mkdirSync(folder, { recursive: true });
  if (userInfo().uid === 0) mkdirSync('/run/sshd', { recursive: true, mode: 0o755 });
  const keys = ['host', 'user', 'wrong'].map((name) => join(folder, name));
  for (const key of keys) execFileSync('ssh-keygen', ['-q', '-t', 'ed25519', '-N', '', '-f', key]);
  const [host = '', key = '', wrongKey = ''] = keys;
  const port = await freePort();
  writeFileSync(
    join(folder, 'config'),
    [
      ...[`Port ${port}`, 'ListenAddress 127.0.0.1', `HostKey ${host}`, `PidFile ${join(folder, 'pid')}`],
      ...[`AuthorizedKeysFile ${key}.pub`, 'StrictModes no', 'UsePAM no', 'PermitRootLogin yes'],
      ...['PasswordAuthentication no', 'KbdInteractiveAuthentication no', 'PrintMotd no', ''],
    ].join('\n'),
  );
  chmodSync(key, 0o600);
  const child = spawn(PROGRAM, ['-D', '-e', '-f', join(folder, 'config')], {
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  const lines = createInterface(child.stderr);
  for await (const line of lines) if (line.includes('Server listening')) break;
  child.stderr.resume();
  return {
    port,
    key,
    wrongKey,
    options: ['StrictHostKeyChecking=no', `UserKnownHostsFile=${join(folder, 'known')}`, 'LogLevel=ERROR'],
    cut: () => {
      for (const pid of childrenOf(child)) process.kill(pid, 'SIGKILL');
    },
    async [Symbol.asyncDispose]() {
      for (const pid of childrenOf(child)) process.kill(pid, 'SIGKILL');
      child.kill('SIGTERM');
      if (child.exitCode === null && child.signalCode === null) await once(child, 'exit');
    },
  };
}

/** The processes that serve connections: one each, and as an ordinary user another one below it that has the socket. */
function childrenOf({ pid }: ChildProcess): readonly number[] {
  try {
    const all = execFileSync('ps', ['-e', '-o', 'pid=,ppid=,comm='], { encoding: 'utf8' }).trim().split('\n');
    const servers = all
      .map((line) => line.trim().split(/\s+/))
      .flatMap(([own, parent, name = '']) =>
        name.startsWith('sshd') ? [[Number(own), Number(parent)] as const] : [],
      );
    const below = (of: number | undefined): readonly number[] =>
      servers.filter(([, parent]) => parent === of).flatMap(([own]) => [own, ...below(own)]);
    return below(pid);
  } catch {
    return [];
  }
}

/** A folder for PATH in which `stateward` is the build. */
export function makeBin(folder: string, bin: string): string {
  mkdirSync(folder, { recursive: true });
  symlinkSync(bin, join(folder, 'stateward'));
  return `${folder}:${dirname(process.execPath)}:/usr/bin:/bin`;
}
