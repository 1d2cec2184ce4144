import { answerDrain } from '../drain/drain-request.ts';
import { answerFigures } from '../figures/figures-request.ts';
import { answerProbePort } from '../listen/probe-port-request.ts';
import type { Answer, Asked } from './answer.ts';
import { answerPing } from './ping.ts';

const ANSWERS = [answerPing, answerDrain, answerProbePort, answerFigures];

/** Answers every message that is for the agent itself. */
export function answerer(asked: Asked): Answer {
  const answers = ANSWERS.map((answer) => answer(asked));
  return (message) => {
    for (const answer of answers) answer(message);
  };
}
