import { FIGURES, isCommand, type FiguresAnswer } from '../protocol.ts';

type Send = (message: unknown, ...rest: unknown[]) => boolean;

/** Until somebody looks, an app pays for nothing: what measures is loaded then, and stops when nobody asks any more. */
export function measureOnRequest(target: NodeJS.Process): void {
  const send = target.send?.bind(target) as Send | undefined;
  if (send === undefined) return;
  const onInternal = (message: unknown): void => {
    if (!isCommand(message, FIGURES)) return;
    const { id, forMs } = message;
    if (typeof forMs !== 'number') return;
    import('./measure.ts')
      .then(({ figuresFor }) => {
        const answer: FiguresAnswer = { cmd: FIGURES, id, ...figuresFor(forMs) };
        if (target.connected) send(answer, () => undefined);
      })
      .catch(() => undefined);
  };
  (target as NodeJS.EventEmitter).on('internalMessage', onInternal);
}
