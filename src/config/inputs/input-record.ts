import { createHmac } from 'node:crypto';
import { QUESTIONS, type Question, type Surroundings } from './questions.ts';

/** What a load has asked: subjects, by question. */
export type Questions = Readonly<Partial<Record<Question, readonly string[]>>>;

/** The inputs of a load, without their contents. */
export interface InputRecord {
  readonly questions: Questions;
  /** A keyed hash over all answers, in hex. */
  readonly answers: string;
}

/** Gives the answer to a question. */
export type Asked = (question: Question, subject: string) => unknown;

/**
 * Whether every question of a record is answered now as it was then. Each is put again, to the disk and the host of this
 * moment: nothing is concluded from the times or sizes of files.
 */
export function hasSameAnswers(
  { questions, answers }: InputRecord,
  surroundings: Surroundings,
  key: string,
): boolean {
  const now: Asked = (question, subject) => QUESTIONS[question](subject, surroundings);
  return answersDigest(questions, now, key) === answers;
}

/** A hash over questions and answers, in the order of the questions. */
export function answersDigest(questions: Questions, answer: Asked, key: string): string {
  const hash = createHmac('sha256', key);
  for (const [question, subjects] of Object.entries(questions) as [Question, readonly string[]][]) {
    // What is no question any more, or not yet, has no answer that could be compared.
    if (!Object.hasOwn(QUESTIONS, question)) throw new Error(`${question} is not a question`);
    for (const subject of subjects) add(hash, question, { subject, answer: answer(question, subject) });
  }
  return hash.digest('hex');
}

/** Each part with its length: no two lists of answers give the same bytes. */
function add(
  hash: ReturnType<typeof createHmac>,
  question: string,
  { subject, answer }: { readonly subject: string; readonly answer: unknown },
): void {
  const content = contentOf(answer);
  const text = JSON.stringify([question, subject, content === null ? answer : content.length]);
  hash.update(`${Buffer.byteLength(text)}:${text}`);
  if (content !== null) hash.update(content);
}

/** The bytes of a file, which JSON has no short form for. */
function contentOf(answer: unknown): Buffer | null {
  const isFile = typeof answer === 'object' && answer !== null && 'bytes' in answer;
  return isFile && Buffer.isBuffer(answer.bytes) ? answer.bytes : null;
}
