import { FIGURES, isCommand, type FiguresAnswer } from '../protocol.ts';
import type { Answer, Asked } from '../requests/answer.ts';

/** Until somebody looks, an app pays for nothing: what measures is loaded then, and stops when nobody asks any more. */
export function answerFigures({ target, send }: Asked): Answer {
  return (message) => {
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
}
