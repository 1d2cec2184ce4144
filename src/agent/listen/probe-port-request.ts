import { isCommand, PROBE_PORT, type ProbePortAnswer } from '../protocol.ts';

type Send = (message: unknown, ...rest: unknown[]) => boolean;

/** Until it is asked an app pays for nothing: what does the work is loaded then. */
export function openProbePortOnRequest(target: NodeJS.Process): void {
  const send = target.send?.bind(target) as Send | undefined;
  if (send === undefined) return;
  const onInternal = (message: unknown): void => {
    const port = isCommand(message, PROBE_PORT) ? message['port'] : undefined;
    if (typeof port !== 'number') return;
    import('./probe-port.ts')
      .then(({ probePortFor }) => probePortFor(port))
      .catch(() => null)
      .then((probePort) => {
        const answer: ProbePortAnswer = { cmd: PROBE_PORT, port, probePort };
        if (target.connected) send(answer, () => undefined);
      })
      .catch(() => undefined);
  };
  (target as NodeJS.EventEmitter).on('internalMessage', onInternal);
}
