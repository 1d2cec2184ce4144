import { spawn } from 'node:child_process';
import { rmSync, writeFileSync } from 'node:fs';

type Environment = Readonly<Record<string, string | undefined>>;

/** The program that opens an address where somebody sees it; null: there is no screen here. */
export function browserOpener(
  environment: Environment,
  platform: NodeJS.Platform = process.platform,
): string | null {
  if (isOverSsh(environment)) return null;
  if (platform === 'darwin') return 'open';
  const hasScreen = ['DISPLAY', 'WAYLAND_DISPLAY'].some((name) => (environment[name] ?? '') !== '');
  return hasScreen ? 'xdg-open' : null;
}

function isOverSsh(environment: Environment): boolean {
  return (environment['SSH_CONNECTION'] ?? '') !== '';
}

/**
 * Opens an address, and waits for nothing. Everybody on the host can read the arguments of a program, and the address lets
 * one in: so it stands in `file`, which only its owner can read and which leads there. `onFailure`: the program is missing.
 */
export function openAddress(
  program: string,
  { url, file, onFailure }: { readonly url: string; readonly file: string; readonly onFailure: () => void },
): void {
  rmSync(file, { force: true });
  const page = `<!doctype html><meta charset="utf-8"><meta http-equiv="refresh" content="0;url=${url}"><title>stateward</title>\n`;
  writeFileSync(file, page, { mode: 0o600, flag: 'wx' });
  const child = spawn(program, [file], { stdio: 'ignore', detached: true });
  child.once('error', onFailure);
  child.unref();
}

/**
 * What to type on the machine in front of one, so that the address leads here. null: this is no session of ssh. A port of
 * its own is taken there too, as the browser names it.
 */
export function tunnelLine(
  environment: Environment,
  port: number,
  user: string,
  listensAt = '127.0.0.1',
): string | null {
  const [, , host, sshPort] = (environment['SSH_CONNECTION'] ?? '').split(' ');
  if (host === undefined) return null;
  const other = sshPort === undefined || sshPort === '22' ? '' : ` -p ${sshPort}`;
  return `ssh -N -L ${port}:${listensAt}:${port}${other} ${user}@${host}`;
}
