import { spawn } from 'node:child_process';
import { accessSync, constants, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import type { Failure } from '../../../lib/failure.ts';
import { err, ok, type Result } from '../../../lib/result.ts';
import { unreachable, type ClusterPlace } from './refusals.ts';

/**
 * Runs `kubectl "$@"` and ends it when the pipe at descriptor 3 is closed, as it is however this process ends: no proxy
 * with somebody's credentials outlives its command.
 */
const SUPERVISED =
  '"$0" "$@" 3<&- & p=$!; { cat >/dev/null; kill "$p"; } <&3 >/dev/null 2>&1 & exec 3<&-; wait "$p"';
const STARTING_MS = 20_000;

/** A server of the API on a socket that nobody else can use, with credentials, plugins and proxies as kubectl has them. */
export interface KubectlProxy {
  readonly socket: string;
  readonly close: () => void;
}

/** Starts one. `env`: of the command, for PATH, KUBECONFIG and plugins. */
export async function kubectlProxy(
  place: ClusterPlace,
  env: Readonly<Record<string, string | undefined>>,
): Promise<Result<KubectlProxy, Failure>> {
  const kubectl = programIn(env['PATH'] ?? '', 'kubectl');
  if (kubectl === null) {
    return err({
      code: 'TARGET_UNREACHABLE',
      message: 'kubectl is not in the PATH, and it is what speaks to clusters',
      hint: 'install kubectl; stateward export kubernetes needs none',
    });
  }
  const folder = mkdtempSync(join(tmpdir(), 'stw-kube-'));
  const socket = join(folder, 'api.sock');
  const args = [
    ...(place.kubeconfig === null ? [] : ['--kubeconfig', place.kubeconfig]),
    ...['--context', place.context, 'proxy', '--append-server-path', '--unix-socket', socket],
  ];
  // In a group of its own: Ctrl-C is for the command, which says what it has done and what not.
  const child = spawn('/bin/sh', ['-c', SUPERVISED, kubectl, ...args], {
    env,
    detached: true,
    stdio: ['ignore', 'pipe', 'pipe', 'pipe'],
  });
  const close = (): void => {
    child.stdio[3]?.destroy();
    child.stdout?.destroy();
    child.stderr?.destroy();
    child.unref();
    rmSync(folder, { recursive: true, force: true });
  };
  let said = '';
  child.stderr?.on('data', (chunk: Buffer) => {
    said = `${said}${chunk.toString()}`.slice(-4000);
  });
  child.stdio[3]?.on('error', () => undefined);
  const started = await new Promise<string | null>((resolve) => {
    let printed = '';
    const timer = setTimeout(() => resolve('kubectl proxy did not start'), STARTING_MS);
    const end = (why: string | null): void => {
      clearTimeout(timer);
      resolve(why);
    };
    child.stdout?.on('data', (chunk: Buffer) => {
      printed += chunk.toString();
      if (printed.includes('Starting to serve')) end(null);
    });
    child.on('error', (error) => end(error.message));
    // Not `close`: the pipe that it is ended by stays open until then.
    child.on('exit', () => {
      const tell = (): void => end(firstLine(said) || 'kubectl proxy ended');
      if (child.stderr?.readableEnded === false) child.stderr.once('end', tell);
      else tell();
    });
  });
  if (started === null) return ok({ socket, close });
  close();
  return err(unreachable(started, place));
}

/** kubectl puts `error: ` in front, and more lines for who uses it by hand behind. */
function firstLine(text: string): string {
  const [line = ''] = text.split('\n').filter((one) => one.trim() !== '');
  return line.replace(/^error: /i, '');
}

function programIn(path: string, name: string): string | null {
  for (const folder of path.split(delimiter).filter((part) => part !== '')) {
    const file = join(folder, name);
    try {
      accessSync(file, constants.X_OK);
      return file;
    } catch {
      // The next folder may have it.
    }
  }
  return null;
}
