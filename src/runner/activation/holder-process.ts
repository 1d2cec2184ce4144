import { spawn } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { closeSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { openDaemonLog } from '../../home/daemon-log.ts';
import { HOLDER_VARIABLE } from '../../holder/messages.ts';
import type { Clock } from '../../lib/clocks/clock.ts';
import { nodeTransport } from '../channel/node-transport.ts';
import type { OpenTransport } from '../channel/transport.ts';
import { outsideOfInstances } from '../processes/nonce.ts';
import { isAlive, type ProcessIdentity, type Processes } from '../processes/processes.ts';

/** A holder as the file of it in the home names it. */
export interface HolderRecord extends ProcessIdentity {
  readonly nonce: string;
}

export interface HolderHost {
  /** Its program. */
  readonly program: string;
  /** Where it finds the next runner, where it is recorded, and where it writes what it has to say. */
  readonly paths: { readonly agentSocket: string; readonly socketHolder: string; readonly daemonLog: string };
  readonly processes: Processes;
  readonly clock: Clock;
}

/** Starts a holder in the place of any other one, and writes down which process it is. Throws the system's error. */
export function startHolder({ program, paths, processes, clock }: HolderHost): OpenTransport {
  const former = findHolder(paths.socketHolder, processes);
  // Cut off, or stopped: it would keep for ever what nobody can have of it.
  if (former !== null) endHolder(former);
  const nonce = randomUUID();
  const log = openDaemonLog(paths.daemonLog);
  try {
    const child = spawn(process.execPath, [program, paths.agentSocket], {
      detached: true,
      cwd: '/',
      // Started from inside an instance, what is ours is not part of it.
      env: { ...outsideOfInstances(process.env), [HOLDER_VARIABLE]: nonce },
      stdio: ['ignore', log, log, 'ipc'],
    });
    child.on('error', () => undefined);
    child.unref();
    const { pid } = child;
    if (pid !== undefined) {
      const startTime = processes.stat(pid)?.startTime ?? '';
      write(paths.socketHolder, { nonce, pid, startTime, bootId: processes.bootId });
    }
    return nodeTransport(child, clock);
  } finally {
    closeSync(log);
  }
}

/** The holder of an earlier runner that lives; null: there is none. */
export function findHolder(path: string, processes: Processes): HolderRecord | null {
  const record = read(path);
  return record !== null && lives(processes, record) ? record : null;
}

/** Ends a holder whose identity is proven. */
export function endHolder({ pid }: HolderRecord): void {
  try {
    process.kill(pid, 'SIGKILL');
  } catch {
    // It has ended by itself.
  }
}

/** Ends the holder of a home, if there is one. */
export function endHolderOf(path: string, processes: Processes): void {
  const holder = findHolder(path, processes);
  if (holder !== null) endHolder(holder);
}

function lives(processes: Processes, record: HolderRecord): boolean {
  try {
    return isAlive(processes, record);
  } catch {
    // What cannot be looked at is no process of this user.
    return false;
  }
}

function write(path: string, record: HolderRecord): void {
  try {
    writeFileSync(`${path}.new`, JSON.stringify(record), { mode: 0o600 });
    renameSync(`${path}.new`, path);
  } catch {
    // The next runner will not know it, and says what is lost.
  }
}

function read(path: string): HolderRecord | null {
  try {
    const { nonce, pid, startTime, bootId } = JSON.parse(readFileSync(path, 'utf8')) as Record<
      string,
      unknown
    >;
    const isRecord = [nonce, startTime, bootId].every((value) => typeof value === 'string');
    if (!isRecord || typeof pid !== 'number') return null;
    return { nonce, pid, startTime, bootId } as HolderRecord;
  } catch {
    return null;
  }
}
