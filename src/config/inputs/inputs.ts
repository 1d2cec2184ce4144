import { answersDigest, type Asked, type InputRecord } from './input-record.ts';
import { drained, type Content } from './look.ts';
import { QUESTIONS, type Answer, type Question, type Surroundings } from './questions.ts';

/** What a load asks of what is around it: each question is answered once, and all of them are known at the end. */
export interface Inputs {
  readonly ask: <K extends Question>(question: K, subject: string) => Answer<K>;
  /** What a file holds. A pipe is emptied, and no record is kept. */
  readonly read: (path: string) => Content;
  /** The environment, as an object: whoever looks up a name asks for it. */
  readonly environment: Surroundings['environment'];
  /** Something was asked that is in no record: a program was run, or a pipe was read. */
  readonly unsure: () => void;
  /**
   * The questions, and a digest of the answers that were given. `key`: what the digest is keyed with, so that short secrets
   * cannot be guessed from it alone. Null: not everything that was asked is known.
   */
  readonly record: (key: string) => InputRecord | null;
}

export function createInputs(surroundings: Surroundings): Inputs {
  const asked = new Map<Question, Map<string, unknown>>();
  let isSure = true;
  const ask = <K extends Question>(question: K, subject: string): Answer<K> => {
    let answers = asked.get(question);
    if (answers === undefined) asked.set(question, (answers = new Map<string, unknown>()));
    if (!answers.has(subject)) answers.set(subject, QUESTIONS[question](subject, surroundings));
    return answers.get(subject) as Answer<K>;
  };
  const unsure = (): void => {
    isSure = false;
  };
  return {
    ask,
    read: (path) => {
      const found = ask('bytes', path);
      if (!('isOther' in found)) return found;
      unsure();
      return drained(path);
    },
    environment: askedEnvironment(ask),
    unsure,
    record: (key) => {
      if (!isSure) return null;
      // Whatever is asked of the disk depends on it.
      ask('user', '');
      const all = Object.fromEntries(
        [...asked].map(([question, answers]) => [question, [...answers.keys()]]),
      );
      const answered: Asked = (question, subject) => asked.get(question)?.get(subject);
      return { questions: all, answers: answersDigest(all, answered, key) };
    },
  };
}

/** Puts a question about the disk at once, for whoever keeps no record. */
export const askDisk: Inputs['ask'] = (question, subject) =>
  QUESTIONS[question](subject, { environment: {}, cpus: 1 }) as Answer<typeof question>;

/** An environment that is asked for name by name. */
function askedEnvironment(ask: Inputs['ask']): Surroundings['environment'] {
  const value = (name: string | symbol): string | undefined =>
    typeof name === 'string' ? (ask('variable', name) ?? undefined) : undefined;
  return new Proxy<Record<string, string>>(
    {},
    {
      get: (_, name) => value(name),
      has: (_, name) => value(name) !== undefined,
      ownKeys: () => ask('environment', '').map(([name]) => name),
      getOwnPropertyDescriptor: (_, name) => {
        const found = value(name);
        return found === undefined
          ? undefined
          : { value: found, writable: true, enumerable: true, configurable: true };
      },
    },
  );
}
