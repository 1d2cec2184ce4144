import { isCommand, PROBE_PORT, type ProbePortAnswer } from '../protocol.ts';
import type { Answer, Asked } from '../requests/answer.ts';

/** Until it is asked an app pays for nothing: what does the work is loaded then. */
export function answerProbePort({ target, send }: Asked): Answer {
  return (message) => {
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
}
