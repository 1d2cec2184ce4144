import { realpathSync } from 'node:fs';
import { delimiter, dirname } from 'node:path';
import type { App } from '../../api/contract/wire/apps.ts';
import type { DaemonStatus } from '../../api/contract/wire/daemon.ts';
import type { BootService } from '../../boot/service.ts';
import { namedHolder, silentDaemon, whyHeldUp } from '../../home/silent.ts';
import { homeLayout, type HomeLayout } from '../../home/layout.ts';
import type { SettingsAnswer } from '../../home/settings/settings-answer.ts';
import { within } from '../../lib/clocks/clock.ts';
import type { Failure } from '../../lib/failure.ts';
import { err, type Result } from '../../lib/result.ts';
import { openApi, openOffline, type ConnectOptions } from '../session/connect.ts';
import { readSettingsFile } from '../settings/read-file.ts';
import { systemHost, type Host } from './host.ts';

/** What checks look at: what is known already, and the host, to be read. */
export interface DoctorFacts {
  readonly paths: HomeLayout;
  /** The home without links, as processes carry it. */
  readonly realHome: string;
  readonly env: Readonly<Record<string, string | undefined>>;
  /** The folders where the daemon looks for programs; where none runs, or does not tell: those of this command. */
  readonly searchPath: readonly string[];
  readonly uid: number;
  /** Of this command, and of the Node that runs it. */
  readonly version: string;
  readonly node: string;
  /** The daemon program that is installed. */
  readonly program: string;
  /** Epoch milliseconds. */
  readonly now: number;
  /** What the daemon answered, or why it did not. */
  readonly status: Result<DaemonStatus, Failure>;
  /** Without a controller: what is left; null: not known. */
  readonly offline: DaemonStatus | null;
  /** What the config.yaml of the home says; null: there is none. */
  readonly settings: SettingsAnswer | null;
  /** null: nobody says. */
  readonly apps: readonly App[] | null;
  /** Processes that hold the locks of the home; null: none does. */
  readonly holders: { readonly controller: number | null; readonly runner: number | null };
  /** Why a process does not answer, as the kernel tells; null: it does not. */
  readonly whyHeldUp: (pid: number) => string | null;
  /** The service that `startup` would write; null: none. */
  readonly service: BootService | null;
  readonly host: Host;
}

/** A daemon that takes longer hangs, or is too busy to be well. */
const ANSWER_MS = 900;
const OFFLINE_MS = 1_000;

/** Asks whoever is there, each with a bound: a doctor must not hang on what is ill. */
export async function gatherFacts(
  options: ConnectOptions,
  service: BootService | null,
): Promise<DoctorFacts> {
  const { home, context } = options;
  const { clock, env, version, files } = context;
  const paths = homeLayout(home);
  const holders = {
    controller: liveHolder(paths.controllerLock),
    runner: liveHolder(paths.runnerLock),
  };
  const api = openApi(options, ANSWER_MS);
  const query = { selectors: [], spec: 'redacted' } as const;
  const [answered, listed] = await Promise.all([
    within(ANSWER_MS - 50, api.status(), clock),
    within(ANSWER_MS - 50, api.apps(query), clock),
  ]);
  const status = answered ?? err(silentDaemon(holders.controller, false));
  const isGone = !status.ok && status.error.code === 'DAEMON_UNREACHABLE';
  return {
    ...{ paths, env, version, holders, whyHeldUp, service },
    realHome: realPath(home),
    searchPath: (pathOf(holders.controller) ?? env['PATH'] ?? '').split(delimiter),
    uid: process.getuid?.() ?? 0,
    node: process.versions.node,
    program: files.daemon,
    now: clock.now(),
    status,
    settings: await readSettingsFile(home),
    offline: isGone && systemHost.stat(paths.state) !== null ? await offlineStatus(options) : null,
    apps: listed?.ok === true ? listed.value.items : null,
    host: systemHost,
  };
}

/** The PATH that a process was started with, as Linux tells its user. */
function pathOf(pid: number | null): string | null {
  const environment = pid === null ? null : systemHost.read(`/proc/${pid}/environ`);
  const line = environment?.split('\0').find((variable) => variable.startsWith('PATH='));
  return line?.slice('PATH='.length) ?? null;
}

function realPath(path: string): string {
  try {
    return realpathSync(path);
  } catch {
    return path;
  }
}

async function offlineStatus(options: ConnectOptions): Promise<DaemonStatus | null> {
  const status = await (await openOffline(options, OFFLINE_MS)).status();
  return status.ok ? status.value : null;
}

/** The pid in a lock may be of a process that is long gone, and its number another's by now. */
function liveHolder(lock: string): number | null {
  const pid = namedHolder(lock);
  if (pid === null) return null;
  const command = systemHost.read(`/proc/${pid}/cmdline`);
  return /stateward|daemon\.cjs|runner\.cjs/.test(command ?? '') ? pid : null;
}

/** The pid of the controller or the runner, whoever says it. */
export function pidOf(
  who: 'controller' | 'runner',
  { status, offline, holders }: DoctorFacts,
): number | null {
  const said = status.ok ? status.value[who] : offline?.[who];
  return said?.pid ?? holders[who];
}

/** The folder itself, or the nearest one above it that is there. */
export function nearestFolder(path: string, host: Host): string {
  if (host.stat(path)?.isFolder === true || path === dirname(path)) return path;
  return nearestFolder(dirname(path), host);
}
