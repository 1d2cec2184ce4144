import { envPort, meantPort, portReference } from '../../../spec/ports/slot-ports.ts';
import { portClaims } from '../../../spec/ports/port-claims.ts';
import { networkProbe } from '../../../spec/probes/network-probe.ts';
import type { App } from '../../../api/contract/wire/apps.ts';
import { fail, NO_DAEMON, ok, skip, type Check, type Finding } from '../check.ts';
import { pidOf, type DoctorFacts } from '../facts.ts';
import { listeners } from '../listeners.ts';
import { markOf } from '../processes.ts';

export const PORT_CHECKS: readonly Check[] = [{ name: 'ports', run: ports }];

/** Ports that apps name, and that somebody else has. */
function ports(facts: DoctorFacts): Finding {
  const { apps, host } = facts;
  if (apps === null) return skip(NO_DAEMON);
  const named = new Map<number, App>();
  for (const app of apps) for (const port of portsOf(app)) named.set(port, app);
  const own = new Set([pidOf('runner', facts), pidOf('controller', facts)]);
  const taken = listeners(new Set(named.keys()), host).flatMap(({ port, pid, name }) => {
    const app = named.get(port);
    if (app === undefined || own.has(pid)) return [];
    if (pid !== null && markOf(host, pid) !== null) return [];
    // Whose it is cannot be seen, and an app that is ready listens itself.
    if (pid === null && app.status.readyInstances > 0) return [];
    const who = pid === null ? 'a process of another user' : `process ${pid} (${name ?? 'unknown'})`;
    return [`${who} holds port ${port} of ${app.project}/${app.name}`];
  });
  const [first] = taken;
  if (first === undefined) return ok(named.size === 0 ? 'no app names one' : `${named.size} named by apps`);
  const more = taken.length === 1 ? '' : `, and ${taken.length - 1} more`;
  return fail(`${first}${more}`, 'end that process, or give the app another port');
}

/** The ports that an app can be seen to want: those that it declares, those that are probed, and the one in its environment. */
function portsOf({ spec, status }: App): readonly number[] {
  if (spec === null) return [];
  const { readiness, liveness, startup, increment_var: increment } = spec;
  const probed = [readiness, liveness, startup].flatMap((probe) => {
    const at = networkProbe(probe)?.target;
    // One that does not have to be the app's own may be anybody's.
    return at === undefined || at.listener === 'any' || (at.host !== '127.0.0.1' && at.host !== 'localhost')
      ? []
      : [meantPort(portReference(at), spec, 0)];
  });
  const told = status.instances.flatMap(({ declaredPorts = [] }) =>
    declaredPorts.flatMap(({ port, protocol }) => (protocol === 'udp' ? [] : [port])),
  );
  const declared = [
    ...told,
    ...portClaims(spec, 1).flatMap(({ first, protocol }) => (protocol === 'udp' ? [] : [first])),
  ];
  const named = increment === null ? envPort(spec) : null;
  return [...declared, ...probed, named].filter((port) => port !== null);
}
