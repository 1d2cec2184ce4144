import type { AppKey } from '../../lib/app-key.ts';
import { formatSpan } from '../../lib/units.ts';
import type { ObservedInstance } from '../../plan/model/observed.ts';
import { redactText } from '../../spec/secrets/redact.ts';
import type { PortOwner, PortOwners } from './port-owner.ts';
import type { ProbeOutcome } from './probe-state.ts';
import type { Check } from './prober.ts';

export interface OwnListenerOptions {
  readonly owners: Pick<PortOwners, 'find'>;
  readonly host: string;
  readonly port: number;
  readonly minUptimeMs: number;
  /** The probed process as it is now; undefined: it has ended. */
  readonly instance: () => ObservedInstance | undefined;
  /** The app that a process of this mark belongs to. */
  readonly appOf: (nonce: string) => { readonly key: AppKey; readonly slot: number } | undefined;
}

/**
 * A check of a port that counts only when the probed process, or one that it has started, is who answers there. Where
 * the host does not tell, the process has to be up for min_uptime too: one that cannot have the port has ended by then.
 */
export function ownListenerCheck(check: Check, options: OwnListenerOptions): Check {
  return async (signal) => {
    const before = await ownerNow(options);
    // One that shares its sockets need not listen yet where others of its app do: its check knows.
    const shares = options.instance()?.listening !== undefined;
    if (before.kind === 'stranger' && !shares) return { ok: false, text: heldBy(before, options) };
    const outcome = await check(signal);
    if (!outcome.ok || before.kind === 'own' || before.kind === 'elsewhere') return outcome;
    const after = await ownerNow(options);
    if (after.kind === 'stranger') return { ok: false, text: heldBy(after, options) };
    return after.kind === 'own' ? outcome : afterMinUptime(outcome, options);
  };
}

async function ownerNow({ owners, host, port, instance }: OwnListenerOptions): Promise<PortOwner> {
  const probed = instance();
  if (probed?.pid == null) return { kind: 'unknown' };
  // Sockets that the runner has bound are shared with the other instances of the app.
  if (probed.listening?.some((address) => address.endsWith(`:${port}`)) === true) return { kind: 'own' };
  return owners.find({ host, port, pid: probed.pid, nonce: probed.nonce });
}

function afterMinUptime(
  outcome: ProbeOutcome,
  { port, minUptimeMs, instance }: OwnListenerOptions,
): ProbeOutcome {
  const leftMs = minUptimeMs - (instance()?.upMs ?? 0);
  if (leftMs <= 0) return outcome;
  const text = `port ${port} answers, but whose it is cannot be told: it counts after min_uptime, in ${formatSpan(leftMs)}`;
  return { ok: false, text };
}

/** `port 3000 is held by process 12 (python3 -m http.server 3000), which is not of this app`. */
export function heldBy(
  { pid, nonce, command, user }: Extract<PortOwner, { kind: 'stranger' }>,
  { port, appOf }: Pick<OwnListenerOptions, 'port' | 'appOf'>,
): string {
  const of = user === undefined ? '' : ` of user ${user}`;
  const named = `process ${pid}${command === '' ? '' : ` (${redactText(command)})`}${of}`;
  const app = nonce === null ? undefined : appOf(nonce);
  const whose = app === undefined ? 'which is not of this instance' : `slot ${app.slot} of ${app.key}`;
  return `port ${port} is held by ${named}, ${whose}`;
}
