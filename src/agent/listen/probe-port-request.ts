/** What the controller asks, through the runner, before it probes a port. See src/triggers/probes/probe-ports.ts. */
const PROBE_PORT = 'NODE_STATEWARD_PROBE_PORT';

type Send = (message: unknown, ...rest: unknown[]) => boolean;

/** Until it is asked an app pays for nothing: what does the work is loaded then. */
export function openProbePortOnRequest(target: NodeJS.Process): void {
  const send = target.send?.bind(target) as Send | undefined;
  if (send === undefined) return;
  const onInternal = (message: unknown): void => {
    if (!isProbePortRequest(message)) return;
    const { port } = message;
    import('./probe-port.ts')
      .then(({ probePortFor }) => probePortFor(port))
      .catch(() => null)
      .then((probePort) => {
        if (target.connected) send({ cmd: PROBE_PORT, port, probePort }, () => undefined);
      })
      .catch(() => undefined);
  };
  (target as NodeJS.EventEmitter).on('internalMessage', onInternal);
}

function isProbePortRequest(message: unknown): message is { readonly port: number } {
  if (typeof message !== 'object' || message === null || Reflect.get(message, 'cmd') !== PROBE_PORT)
    return false;
  return typeof Reflect.get(message, 'port') === 'number';
}
