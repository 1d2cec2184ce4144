import { spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { deployScript, LOCKED, type DeployAction } from './script.ts';
import { runOnHost, type HostResult } from './ssh.ts';
import type { DeployTarget } from './target.ts';

export interface DeployRun {
  readonly target: DeployTarget;
  readonly action: DeployAction;
  readonly file: string;
  readonly env: string | null;
  /** Goes on with the next host after a failure. */
  readonly keepGoing: boolean;
  readonly onLine: (host: string, stream: 'out' | 'err', line: string) => void;
  /** One line about a host. */
  readonly note: (line: string) => void;
}

/** Exit code of `deploy` for a host without a connection, as for a daemon that nobody reaches. */
const UNREACHABLE = 69;
const FAILED = 1;

/** Works on the hosts in their order, and stops at the first that fails. Gives the exit code: that of the first failure. */
export async function runDeploy(run: DeployRun): Promise<number> {
  const { target, note, onLine } = run;
  const changes = !['list', 'current', 'previous'].includes(run.action.kind);
  let first = 0;
  for (const [index, host] of target.hosts.entries()) {
    const mark = `@stateward-${randomBytes(8).toString('hex')}`;
    const script = deployScript({ ...run, mark });
    const result = await runOnHost({
      target,
      host,
      script,
      mark,
      onLine: (...line) => onLine(host, ...line),
    });
    const code = exitCodeOf(result);
    if (code === 0) {
      if (changes) note(`✓ ${host}  ${doneText(run.action)}`);
      continue;
    }
    note(`✗ ${host}  ${whatFailed(result, run.action)}`);
    if (first === 0) first = code;
    const left = target.hosts.slice(index + 1);
    if (run.keepGoing || left.length === 0) continue;
    note(`- ${left.join(', ')}  not tried (--keep-going goes on after a failure)`);
    break;
  }
  return first;
}

function exitCodeOf({ code, step }: HostResult): number {
  if (code === null) return step === null ? UNREACHABLE : FAILED;
  return code === LOCKED ? FAILED : code;
}

function doneText(action: DeployAction): string {
  switch (action.kind) {
    case 'setup':
      return 'set up';
    case 'exec':
      return 'done';
    default:
      return 'deployed and reloaded';
  }
}

/** What is known of the host after a failure. */
function whatFailed({ code, step, mayHaveSwitched, reason }: HostResult, action: DeployAction): string {
  if (step === null)
    return code === null ? `no connection: ${reason || 'ssh has ended'}` : `no shell there (code ${code})`;
  if (code === null) {
    if (step === 'reloaded' || step === 'done') return 'the connection was lost at the end: it was done';
    if (mayHaveSwitched)
      return 'the connection was lost after the switch was begun: deploy ENV current, and stateward get there, say how far it came';
    return 'the connection was lost: nothing was switched';
  }
  if (code === LOCKED) return 'another deploy is at work there: nothing was begun';
  if (action.kind === 'exec') return `the command ended with ${code}`;
  if (step === 'back') return `the reload ended with ${code}: the release before is current again`;
  if (step === 'switched') return `the reload ended with ${code}: the new release stays current`;
  return `failed with ${code}: nothing was switched`;
}

/** Runs `pre-deploy-local` here, in the folder of the file; gives its exit code. */
export function runLocally(
  command: string,
  { cwd, env }: { readonly cwd: string; readonly env: Readonly<Record<string, string | undefined>> },
): Promise<number> {
  const child = spawn('sh', ['-e', '-c', command], { cwd, env, stdio: ['ignore', 'inherit', 'inherit'] });
  return new Promise((resolve) => {
    child.once('error', () => resolve(127));
    child.once('close', (code) => resolve(code ?? FAILED));
  });
}
