import type { Driver } from '../../driver/driver.ts';
import { launchCommand } from '../../runner/spawn/launch-command.ts';
import type { ObservedInstance } from '../../plan/model/observed.ts';
import { readyAfterMs } from '../../plan/slots/readiness.ts';
import { portReference } from '../../spec/ports/slot-ports.ts';
import type { ProbeSpec } from '../../spec/types.ts';
import { execCheck, type ProbeCommand } from '../../triggers/probes/exec-check.ts';
import { logCheck } from '../../triggers/probes/log-check.ts';
import { httpCheck, tcpCheck, type FindProbePort } from '../../triggers/probes/network-checks.ts';
import { ownListenerCheck } from '../../triggers/probes/own-listener.ts';
import { probedPlace, type ProbedPlace } from '../../triggers/probes/probed-port.ts';
import type { PortOwners } from '../../triggers/probes/port-owner.ts';
import type { Check } from '../../triggers/probes/prober.ts';
import type { ProbeTarget } from '../../triggers/probes/probes.ts';
import type { ProbePorts } from '../../triggers/probes/probe-ports.ts';

export interface CheckContext {
  readonly probePorts: Pick<ProbePorts, 'find'>;
  readonly owners: Pick<PortOwners, 'find'>;
  readonly driver: Pick<Driver, 'instance' | 'logFiles' | 'surroundings'>;
}

type Listening = Pick<NonNullable<ProbeSpec['tcp']>, 'host' | 'port' | 'port_name' | 'listener'>;

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
  const own = (check: Check, { listener }: Listening, { host, port }: ProbedPlace): Check => {
    if (listener === 'any') return check;
    const minUptimeMs = readyAfterMs(target.app.spec);
    const instance = (): ObservedInstance | undefined => driver.instance(target.nonce);
    const appOf = (nonce: string): ObservedInstance | undefined => driver.instance(nonce);
    return ownListenerCheck(check, { owners, host, port, minUptimeMs, instance, appOf });
  };
  const given = driver.instance(target.nonce)?.ports;
  const placeOf = (at: Listening): ProbedPlace | null =>
    probedPlace(at, target.app.spec, { slot: target.slot, given });
  if (probe.http !== undefined) {
    const place = placeOf(probe.http);
    if (place === null) return noPort(portReference(probe.http));
    return own(httpCheck({ ...probe.http, ...place }, probePortFor(place.port)), probe.http, place);
  }
  if (probe.tcp !== undefined) {
    const place = placeOf(probe.tcp);
    if (place === null) return noPort(portReference(probe.tcp));
    return own(tcpCheck({ ...probe.tcp, ...place }, probePortFor(place.port)), probe.tcp, place);
  }
  if (probe.exec !== undefined) {
    const { command } = probe.exec;
    return execCheck(() => probeCommand(command, target, driver));
  }
  const { outFile, errorFile } = driver.logFiles(target.app, target.slot);
  const files = [outFile, errorFile].filter((file) => file !== null);
  return logCheck({ pattern: new RegExp(probe.log ?? ''), files, fresh: target.fresh });
}

/** A process that was started before the port was declared has been told none. */
function noPort(reference: number | string | null): Check {
  const text = `${reference === null ? 'the app has no port' : `the app has no port ${reference}`}: its process was started without`;
  return () => Promise.resolve({ ok: false, text });
}

/**
 * Runs with the folder, environment and user of the instance, but without its nonce: it is not part of the instance.
 */
async function probeCommand(
  command: readonly string[],
  { app, slot, nonce }: ProbeTarget,
  driver: CheckContext['driver'],
): Promise<ProbeCommand> {
  const [file = '', ...args] = command;
  const user = { uid: process.getuid?.() ?? 0, gid: process.getgid?.() ?? 0 };
  const spec = {
    nonce: 'probe',
    file,
    args,
    ...driver.surroundings(app, slot, driver.instance(nonce)?.ports),
  };
  return { ...(await launchCommand(spec, { user, env: process.env })), name: file };
}
