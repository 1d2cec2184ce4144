import type { DaemonStatus } from '../../../api/contract/wire/daemon.ts';
import { silentRunner } from '../../../home/silent.ts';
import { BUILD } from '../../../lib/programs/build.ts';
import type { ControllerContext } from '../../context/context.ts';
import { countProcesses, unverifiedProcesses } from '../../stop-offline.ts';
import { viewUnwritten } from './unwritten.ts';

/** GET /v1/status, without what is known of receivers. */
export async function daemonStatus({
  driver,
  version,
  paths,
  supervised,
  store,
}: ControllerContext): Promise<DaemonStatus> {
  return {
    controller: {
      pid: process.pid,
      version,
      build: BUILD,
      uptimeMs: Math.round(process.uptime() * 1000),
      ...(supervised && { supervised: true as const }),
    },
    runner: driver.runner ?? null,
    ...troubleOf({ driver, store }),
    home: paths.home,
    socket: paths.apiSocket,
    apps: await countProcesses(paths, driver),
    ...unverifiedProcesses(driver),
  };
}

/** Why the runner does nothing for this daemon, and what cannot be written. */
export function troubleOf({
  driver,
  store,
}: Pick<ControllerContext, 'driver' | 'store'>): Pick<DaemonStatus, 'problem' | 'unwritten'> {
  const { silence } = driver;
  const problem = driver.refusal ?? (silence === null ? null : silentRunner(silence.pid, silence.since));
  const unwritten = store.unwritten();
  return {
    ...(problem !== null && { problem }),
    ...(unwritten !== null && { unwritten: viewUnwritten(unwritten) }),
  };
}
