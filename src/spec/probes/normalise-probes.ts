import { formatDuration } from '../../lib/units.ts';
import { errorMessage } from '../../lib/system-error.ts';
import type { App } from '../generated/ecosystem.ts';
import type { NormaliseContext, SpecNote } from '../normalise/normalise-context.ts';
import { resolvePath } from '../normalise/normalise-path.ts';
import type { AppSpec } from '../types.ts';
import { headerNotes } from './header-notes.ts';
import { networkProbe, PROBE_KINDS, type NetworkProbe } from './network-probe.ts';

/** The app with the absolute paths of the files that its probes need. */
export function withProbeFiles(
  app: App,
  { cwd, home }: { readonly cwd: string; readonly home: string | null },
): App {
  const changed = PROBE_KINDS.flatMap((kind) => {
    const probe = app[kind];
    return (['http', 'grpc'] as const).flatMap((form) => {
      const target = probe?.[form];
      if (target?.ca === undefined) return [];
      return [[kind, { ...probe, [form]: { ...target, ca: resolvePath(target.ca, cwd, home) } }] as const];
    });
  });
  return changed.length === 0 ? app : { ...app, ...Object.fromEntries(changed) };
}

/** What the schema cannot say of probes. */
export function probeNotes(
  spec: Pick<AppSpec, 'readiness' | 'liveness' | 'startup' | 'heartbeat' | 'disable_logs'>,
  { inspect }: Pick<NormaliseContext, 'inspect'>,
): SpecNote[] {
  const probes = PROBE_KINDS.flatMap((kind) => {
    const probe = spec[kind];
    if (probe === null) return [];
    const message = probe.log === undefined ? null : logProblem(kind, probe.log, spec.disable_logs);
    const network = networkProbe(probe);
    return [
      ...(message === null ? [] : [badValue([kind, 'log'], message)]),
      ...(network === null ? [] : secureNotes(kind, network, inspect)),
      ...(network === null || network.form === 'tcp' ? [] : headerNotes([kind, network.form], network)),
      ...tooShort([kind, 'period'], probe.period, SHORTEST_PERIOD_MS),
      ...tooShort([kind, 'timeout'], probe.timeout, 1),
    ];
  });
  const interval = spec.heartbeat?.interval ?? SHORTEST_PERIOD_MS;
  return [...probes, ...tooShort(['heartbeat', 'interval'], interval, SHORTEST_PERIOD_MS)];
}

/** Looking more often costs a processor and finds nothing sooner that matters. */
const SHORTEST_PERIOD_MS = 100;

function tooShort(path: readonly string[], ms: number, least: number): SpecNote[] {
  if (ms >= least) return [];
  return [badValue(path, `${formatDuration(ms)} is too short: at least ${formatDuration(least)}`)];
}

function badValue(path: readonly string[], message: string, hint?: string): SpecNote {
  return { level: 'error', code: 'CONFIG_BAD_VALUE', path, message, ...(hint !== undefined && { hint }) };
}

function logProblem(kind: string, log: string, disabled: boolean): string | null {
  if (kind === 'liveness') return 'a line that was written once says nothing of whether the app is alive now';
  if (disabled) return 'no line can be seen with disable_logs';
  try {
    new RegExp(log);
    return null;
  } catch (error) {
    return errorMessage(error);
  }
}

/** What is said of a certificate, where there is one to look at. */
function secureNotes(
  kind: string,
  { form, target }: NetworkProbe,
  inspect: NormaliseContext['inspect'],
): readonly SpecNote[] {
  if (form === 'tcp') return [];
  const at = (key: string): readonly string[] => [kind, form, key];
  const { scheme, ca, insecure } = target;
  if (scheme !== 'https') {
    const [first] = (['ca', 'insecure', 'server_name'] as const).filter((key) => target[key] !== undefined);
    if (first === undefined) return [];
    return [
      badValue(
        at(first),
        'there is no certificate without TLS',
        `add \`scheme: https\`, or leave ${first} out`,
      ),
    ];
  }
  if (ca === undefined) return [];
  if (insecure === true) {
    const hint = 'leave out `insecure` to have the certificate looked at, or `ca`';
    return [badValue(at('ca'), 'with `insecure`, whatever certificate is shown counts', hint)];
  }
  if (inspect(ca).kind === 'file') return [];
  const message = `${ca} is not there: until it is, the probe fails`;
  const hint = 'the path is relative to `cwd`: name a file of certificates in PEM';
  return [{ level: 'warning', code: 'CONFIG_ADVICE', path: at('ca'), message, hint }];
}
