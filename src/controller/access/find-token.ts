import { isOver, type TokenRecord } from '../../home/access/tokens.ts';
import type { Failure } from '../../lib/failure.ts';
import { didYouMean } from '../../lib/nearest.ts';
import { err, ok, type Result } from '../../lib/result.ts';

/** What is typed of an id: it must not be mistaken for a short name. */
const LEAST_ID = 6;

/** The token that is meant by its name, its id, or the beginning of that. Fails with NOT_FOUND or SELECTOR_AMBIGUOUS. */
export function findToken(word: string, records: readonly TokenRecord[]): Result<TokenRecord, Failure> {
  const named = records.find(({ name }) => name === word);
  if (named !== undefined) return ok(named);
  const byId = word.length < LEAST_ID ? [] : records.filter(({ id }) => id.startsWith(word.toLowerCase()));
  const [first, ...more] = byId;
  if (first === undefined) return err(unknown(word, records));
  if (more.length === 0) return ok(first);
  const names = byId.map(({ id, name }) => `${name} (${id})`).join(', ');
  return err({
    code: 'SELECTOR_AMBIGUOUS',
    message: `${word} is the beginning of several ids: ${names}`,
    hint: 'say the name',
  });
}

function unknown(word: string, records: readonly TokenRecord[]): Failure {
  const names = records.map(({ name }) => name);
  const hint = didYouMean(word, names) ?? 'stateward token list shows them';
  return { code: 'NOT_FOUND', message: `there is no token ${word}`, hint };
}

/** Why a token cannot have this name; null: it can. */
export function nameTaken(name: string, records: readonly TokenRecord[], now: number): Failure | null {
  const other = records.find((record) => record.name === name);
  if (other === undefined) return null;
  const since = isOver(other.expiresAt, now) ? `; its time was over at ${other.expiresAt ?? ''}` : '';
  return {
    code: 'CONFLICT',
    message: `there is a token ${name} already, of ${other.createdAt}${since}`,
    hint: `choose another name, or first: stateward token delete ${name}`,
  };
}
