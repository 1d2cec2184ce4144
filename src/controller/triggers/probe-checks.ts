import type { SecretBook } from '../secrets/secret-book.ts';
import type { Driver } from '../../driver/driver.ts';
import { launchCommand } from '../../runner/spawn/launch-command.ts';
import type { ObservedInstance } from '../../plan/model/observed.ts';
import { readyAfterMs } from '../../plan/slots/readiness.ts';
import { portReference } from '../../spec/ports/slot-ports.ts';
import { networkProbe, type NetworkProbe, type NetworkTarget } from '../../spec/probes/network-probe.ts';
import type { ProbeSpec } from '../../spec/types.ts';
import type { FindProbePort } from '../../triggers/probes/checks/endpoint.ts';
import { execCheck, type ProbeCommand } from '../../triggers/probes/checks/exec-check.ts';
import { grpcCheck } from '../../triggers/probes/checks/grpc-check.ts';
import { httpCheck } from '../../triggers/probes/checks/http-check.ts';
import { logCheck } from '../../triggers/probes/checks/log-check.ts';
import { tcpCheck } from '../../triggers/probes/checks/tcp-check.ts';
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
  readonly secrets: Pick<SecretBook, 'forCommand'>;
}

/** Turns a probe of the file into the check of one process. */
export function probeCheck(
  probe: ProbeSpec,
  target: ProbeTarget,
  { probePorts, owners, driver, secrets }: CheckContext,
): Check {
  const probePortFor =
    (port: number): FindProbePort =>
    (signal) =>
      probePorts.find({ key: target.app.key, nonce: target.nonce, port }, signal);
  const own = (check: Check, { listener }: NetworkTarget, { host, port }: ProbedPlace): Check => {
    if (listener === 'any') return check;
    const minUptimeMs = readyAfterMs(target.app.spec);
    const instance = (): ObservedInstance | undefined => driver.instance(target.nonce);
    const appOf = (nonce: string): ObservedInstance | undefined => driver.instance(nonce);
    return ownListenerCheck(check, { owners, host, port, minUptimeMs, instance, appOf });
  };
  const given = driver.instance(target.nonce)?.ports;
  const network = networkProbe(probe);
  if (network !== null) {
    const place = probedPlace(network.target, target.app.spec, { slot: target.slot, given });
    if (place === null) return noPort(portReference(network.target));
    return own(networkCheck(network, place, probePortFor(place.port)), network.target, place);
  }
  if (probe.exec !== undefined) {
    const { command } = probe.exec;
    return execCheck(() => probeCommand(command, target, { driver, secrets }));
  }
  const { outFile, errorFile } = driver.logFiles(target.app, target.slot);
  const files = [outFile, errorFile].filter((file) => file !== null);
  return logCheck({ pattern: new RegExp(probe.log ?? ''), files, fresh: target.fresh });
}

function networkCheck(probe: NetworkProbe, place: ProbedPlace, findProbePort: FindProbePort): Check {
  switch (probe.form) {
    case 'http':
      return httpCheck({ ...probe.target, ...place }, findProbePort);
    case 'tcp':
      return tcpCheck({ ...probe.target, ...place }, findProbePort);
    case 'grpc':
      return grpcCheck({ ...probe.target, ...place }, findProbePort);
  }
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
  { driver, secrets }: Pick<CheckContext, 'driver' | 'secrets'>,
): Promise<ProbeCommand> {
  const [file = '', ...args] = command;
  const user = { uid: process.getuid?.() ?? 0, gid: process.getgid?.() ?? 0 };
  const spec = {
    nonce: 'probe',
    file,
    args,
    ...driver.surroundings(app, slot, {
      ports: driver.instance(nonce)?.ports,
      secrets: await secrets.forCommand(app),
    }),
  };
  return { ...(await launchCommand(spec, { user, env: process.env })), name: file };
}
