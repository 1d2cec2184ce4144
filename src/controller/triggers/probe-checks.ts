import type { Driver } from '../../driver/driver.ts';
import { launchCommand } from '../../runner/spawn/launch-command.ts';
import type { ObservedInstance } from '../../plan/model/observed.ts';
import { readyAfterMs } from '../../plan/slots/readiness.ts';
import type { ProbeSpec } from '../../spec/types.ts';
import { execCheck, type ProbeCommand } from '../../triggers/probes/exec-check.ts';
import { logCheck } from '../../triggers/probes/log-check.ts';
import { httpCheck, tcpCheck, type FindProbePort } from '../../triggers/probes/network-checks.ts';
import { ownListenerCheck } from '../../triggers/probes/own-listener.ts';
import { probedPort } from '../../triggers/probes/probed-port.ts';
import type { PortOwners } from '../../triggers/probes/port-owner.ts';
import type { Check } from '../../triggers/probes/prober.ts';
import type { ProbeTarget } from '../../triggers/probes/probes.ts';
import type { ProbePorts } from '../../triggers/probes/probe-ports.ts';

export interface CheckContext {
  readonly probePorts: Pick<ProbePorts, 'find'>;
  readonly owners: Pick<PortOwners, 'find'>;
  readonly driver: Pick<Driver, 'instance' | 'logFiles' | 'surroundings'>;
}

type Listening = Pick<NonNullable<ProbeSpec['tcp']>, 'host' | 'listener'>;

/** Turns a probe of the file into the check of one process. */
export function probeCheck(
  probe: ProbeSpec,
  target: ProbeTarget,
  { probePorts, owners, driver }: CheckContext,
): Check {
  const probePortFor =
    (port: number): FindProbePort =>
    (signal) =>
      probePorts.find({ key: target.app.key, nonce: target.nonce, port }, signal);
  const own = (check: Check, { host, listener }: Listening, port: number): Check => {
    if (listener === 'any') return check;
    const minUptimeMs = readyAfterMs(target.app.spec);
    const instance = (): ObservedInstance | undefined => driver.instance(target.nonce);
    const appOf = (nonce: string): ObservedInstance | undefined => driver.instance(nonce);
    return ownListenerCheck(check, { owners, host, port, minUptimeMs, instance, appOf });
  };
  if (probe.http !== undefined) {
    const port = probedPort(probe.http.port, target.app.spec, target.slot);
    return own(httpCheck({ ...probe.http, port }, probePortFor(port)), probe.http, port);
  }
  if (probe.tcp !== undefined) {
    const port = probedPort(probe.tcp.port, target.app.spec, target.slot);
    return own(tcpCheck({ ...probe.tcp, port }, probePortFor(port)), probe.tcp, port);
  }
  if (probe.exec !== undefined) {
    const { command } = probe.exec;
    return execCheck(() => probeCommand(command, target, driver));
  }
  const { outFile, errorFile } = driver.logFiles(target.app, target.slot);
  const files = [outFile, errorFile].filter((file) => file !== null);
  return logCheck({ pattern: new RegExp(probe.log ?? ''), files, fresh: target.fresh });
}

/**
 * Runs with the folder, environment and user of the instance, but without its nonce: it is not part of the instance.
 */
async function probeCommand(
  command: readonly string[],
  { app, slot }: ProbeTarget,
  driver: CheckContext['driver'],
): Promise<ProbeCommand> {
  const [file = '', ...args] = command;
  const user = { uid: process.getuid?.() ?? 0, gid: process.getgid?.() ?? 0 };
  const spec = { nonce: 'probe', file, args, ...driver.surroundings(app, slot) };
  return launchCommand(spec, { user, env: process.env });
}
