import { spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import { errorCode, errorMessage } from '../../lib/system-error.ts';
import { GO } from './host-functions.ts';
import type { DeployTarget } from './target.ts';

/** What came of a script on a host. */
export interface HostResult {
  /** That of the script; null: the connection was not made, or was lost. */
  readonly code: number | null;
  /** The last step that the host has told of; null: none, so nothing was begun. */
  readonly step: string | null;
  /** It was told to switch: before that it switches nothing. */
  readonly mayHaveSwitched: boolean;
  /** Why there is no connection, in words of ssh. */
  readonly reason: string;
}

export interface RunOnHost {
  readonly target: DeployTarget;
  readonly host: string;
  readonly script: string;
  readonly mark: string;
  readonly onLine: (stream: 'out' | 'err', line: string) => void;
}

const CONNECT_SECONDS = 10;
/** ssh itself has failed, or the connection has. */
const OF_SSH = 255;
/** Lines of a host that are shown; hooks write much. */
const MOST_LINES = 5_000;
const MOST_CHARACTERS = 2_000;

/** The arguments of ssh: it asks nothing, and gives up on a host that does not answer. */
export function sshArguments(target: DeployTarget, host: string): readonly string[] {
  const options = [
    'BatchMode=yes',
    `ConnectTimeout=${CONNECT_SECONDS}`,
    'ServerAliveInterval=15',
    'ServerAliveCountMax=4',
    ...(target.key === null ? [] : ['IdentitiesOnly=yes']),
  ];
  return [
    // What the file says comes first: ssh takes the first value that it finds.
    ...[...target.sshOptions, ...options].flatMap((option) => ['-o', option]),
    ...(target.key === null ? [] : ['-i', target.key]),
    ...(target.port === null ? [] : ['-p', String(target.port)]),
    ...(target.user === null || host.includes('@') ? [] : ['-l', target.user]),
    ...(target.forwardAgent ? ['-A'] : []),
    ...['-T', '--', host, 'sh -s'],
  ];
}

/** Runs a script on a host; its lines come as they are written, without those that say how far it is. */
export function runOnHost({ target, host, script, mark, onLine }: RunOnHost): Promise<HostResult> {
  const child = spawn('ssh', sshArguments(target, host), { stdio: ['pipe', 'pipe', 'pipe'] });
  let step: string | null = null;
  let mayHaveSwitched = false;
  let reason = '';
  let lines = 0;
  const show = (stream: 'out' | 'err', line: string): void => {
    lines += 1;
    if (lines < MOST_LINES) onLine(stream, line.slice(0, MOST_CHARACTERS));
    if (lines === MOST_LINES) onLine('err', `more than ${MOST_LINES} lines: the rest is left out`);
  };
  createInterface(child.stdout).on('line', (line) => {
    if (!line.startsWith(`${mark} `)) {
      show('out', line);
      return;
    }
    step = line.slice(mark.length + 1);
    if (step !== 'ready') return;
    mayHaveSwitched = true;
    child.stdin.end(`${GO}\n`);
  });
  createInterface(child.stderr).on('line', (line) => {
    if (step === null) reason = line === '' ? reason : line;
    show('err', line);
  });
  // A host that has gone away does not read to the end.
  child.stdin.on('error', () => undefined);
  child.stdin.write(script);
  return new Promise((resolve) => {
    child.once('error', (error) => {
      const isMissing = errorCode(error) === 'ENOENT';
      resolve({
        code: null,
        step: null,
        mayHaveSwitched,
        reason: isMissing ? 'ssh is not on PATH' : errorMessage(error),
      });
    });
    child.once('close', (code) =>
      resolve({ code: code === OF_SSH ? null : code, step, mayHaveSwitched, reason }),
    );
  });
}
