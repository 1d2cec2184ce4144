import type { PlanDocument, PortWarning } from '../../api/contract/wire/plan.ts';
import type { AppKey } from '../../lib/app-key.ts';
import { loopTurns } from '../../lib/turns/turns.ts';
import { effectiveInstances, runMode } from '../../plan/slots/effective.ts';
import { hasEnded } from '../../plan/slots/readiness.ts';
import type { DesiredApp } from '../../plan/model/desired.ts';
import type { ChangeKind } from '../../plan/model/plan.ts';
import type { ObservedInstance } from '../../plan/model/observed.ts';
import { commonPorts, portClaims, portName, type PortClaim } from '../../spec/ports/port-claims.ts';
import { autoPorts } from '../../spec/ports/slot-ports.ts';
import { socketClaims } from '../../spec/sockets/socket-claims.ts';
import { redactText } from '../../spec/secrets/redact.ts';
import { desiredApps } from '../../state/desired/desired.ts';
import type { Projects } from '../../state/desired/reducer.ts';
import { nearClaims } from './near-claims.ts';
import type { PortOwners } from '../../triggers/probes/port-owner.ts';

/** Who listens on this host. */
export interface PortLook {
  readonly owners: Pick<PortOwners, 'find'>;
  readonly instances: readonly ObservedInstance[];
  /** The process that holds the sockets which instances share; undefined: there is none. */
  readonly runnerPid: number | undefined;
}

/** Changes that start a process. */
const STARTING: ReadonlySet<ChangeKind> = new Set(['create', 'roll', 'restart', 'start', 'scale']);
/** Ports of one plan that are looked up on the host. */
const MOST_LOOKED_UP = 200;

interface Wanted {
  readonly app: DesiredApp;
  readonly claim: PortClaim;
  /** It is bound for the app, and stays bound as long as a process of it runs. */
  readonly isSocket?: true;
}

/**
 * The plan with what stands in the way of ports that it gives to processes: an app of another project, or a process that is not
 * of this home. Nothing is refused for it: the other one may be about to end. `candidate` is the state as it would be.
 */
export async function withPortWarnings(
  document: PlanDocument,
  candidate: Projects,
  look: PortLook,
): Promise<PlanDocument> {
  const starting = new Set(document.changes.filter(({ kind }) => STARTING.has(kind)).map(({ app }) => app));
  if (starting.size === 0) return document;
  const running = desiredApps(candidate).filter(
    ({ spec, override }) => runMode(spec, override) === 'running' && spec.schedule === null,
  );
  const wanted = running.filter(({ key }) => starting.has(key)).flatMap(claimsOf);
  if (wanted.length === 0) return document;
  const near = nearClaims(running.flatMap((app) => [...claimsOf(app), ...chosenOf(app)]));
  const warnings: PortWarning[] = [];
  let left = MOST_LOOKED_UP;
  for (const want of wanted) {
    if (loopTurns.isOver) await loopTurns.next();
    const declared = ofOtherApp(want, near(want.claim));
    if (declared !== null) warnings.push(declared);
    for (let port = want.claim.first; declared === null && port <= want.claim.last && left > 0; port++) {
      left--;
      const held = await heldOnHost(port, want, look);
      if (held !== null) warnings.push(held);
    }
  }
  return warnings.length === 0 ? document : { ...document, portWarnings: warnings };
}

function claimsOf(app: DesiredApp): readonly Wanted[] {
  const ports = portClaims(app.spec, effectiveInstances(app.spec, app.override));
  return [
    ...ports.map((claim) => ({ app, claim })),
    ...socketClaims(app.spec).map((claim): Wanted => ({ app, claim, isSocket: true })),
  ];
}

/** Ports that were chosen for an app are its own, whether it runs or not. */
function chosenOf(app: DesiredApp): readonly Wanted[] {
  return Object.values(app.ports ?? {}).flatMap((ofPlace) =>
    autoPorts(app.spec).flatMap(({ name, protocol }) =>
      (ofPlace[name] ?? []).map((port): Wanted => ({
        app,
        claim: {
          name,
          index: 0,
          first: port,
          last: port,
          host: null,
          protocol: protocol ?? 'tcp',
          isShared: false,
        },
      })),
    ),
  );
}

/** A file says itself when two of its apps want the same port, unless one of them is left out of it. */
function ofOtherApp({ app, claim }: Wanted, others: readonly Wanted[]): PortWarning | null {
  for (const other of others) {
    const common = other.app.key === app.key ? null : commonPorts(claim, other.claim);
    if (common === null) continue;
    const message = `port ${portName(common.first, claim.protocol)} is that of ${other.app.key} as well: only one of them can have it`;
    return { app: app.key, port: common.first, owner: other.app.key, pid: null, message };
  }
  return null;
}

async function heldOnHost(
  port: number,
  { app: { key }, claim, isSocket }: Wanted,
  { owners, instances, runnerPid }: PortLook,
): Promise<PortWarning | null> {
  const runs = instances.some((instance) => instance.key === key && !hasEnded(instance));
  if (isSocket === true && runs) return null;
  const owner = await owners.find({
    ...{ host: claim.host ?? 'localhost', port, protocol: claim.protocol },
    ...{ pid: null, nonce: '' },
  });
  const shown = portName(port, claim.protocol);
  if (owner.kind === 'unknown' && !runs) {
    const message = `port ${shown} is taken, by a process of somebody else that cannot be looked at`;
    return { app: key, port, owner: null, pid: null, message };
  }
  if (owner.kind !== 'stranger' || owner.pid === runnerPid) return null;
  const of: AppKey | null = instances.find(({ nonce }) => nonce === owner.nonce)?.key ?? null;
  if (of === key) return null;
  const program = owner.command === '' ? '' : ` (${redactText(owner.command)})`;
  const whose = of === null ? '' : ` of ${of}`;
  const message = `port ${shown} is held by process ${owner.pid}${program}${whose}: end it, or declare another port`;
  return { app: key, port, owner: of, pid: owner.pid, message };
}
