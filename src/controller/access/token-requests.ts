import type { ApiBackend } from '../../api/contract/endpoints/backend.ts';
import type { TokenInfo } from '../../api/contract/wire/access/tokens.ts';
import type { Kept } from '../../home/access/book.ts';
import { endSessionsOf, isOpen, type SessionRecord } from '../../home/access/sessions.ts';
import type { HomeLayout } from '../../home/layout.ts';
import { createToken, isOver, type TokenRecord } from '../../home/access/tokens.ts';
import type { Clock } from '../../lib/clocks/clock.ts';
import type { Failure } from '../../lib/failure.ts';
import { err, ok, type Result } from '../../lib/result.ts';
import { writeFailure, writeProblem } from '../../state/disk/state-failures.ts';
import { createSerialQueue } from '../../state/serial-queue.ts';
import type { Store } from '../../state/store.ts';
import type { Http } from '../http/http.ts';
import type { AccessBooks } from './books.ts';
import { findToken, nameTaken } from './find-token.ts';

export type TokenCalls = Pick<ApiBackend, 'tokens' | 'createToken' | 'deleteToken' | 'logIn'>;

export interface AccessOptions {
  readonly paths: Pick<HomeLayout, 'access'>;
  readonly clock: Clock;
  readonly store: Pick<Store, 'appendEvent'>;
  readonly http: Pick<Http, 'books' | 'url' | 'problem' | 'sessionLimits' | 'recheck'>;
}

/** How long a link to the dashboard can be used: long enough to copy it to the machine in front of one. */
const LINK_MS = 10 * 60_000;

/** What is asked of the tokens of a home. One change at a time, so that no two have one name. */
export function tokenRequests({ paths, clock, store, http }: AccessOptions): TokenCalls {
  const failed = (error: unknown): Result<never, Failure> =>
    err(writeFailure(writeProblem(paths.access, error)));
  const { tokens, sessions } = http.books;
  const oneAtATime = createSerialQueue();
  /** Those that have a name; what is for one log-in has none that anybody knows. */
  const named = async (): Promise<readonly Kept<TokenRecord>[]> =>
    (await tokens.list())
      .filter(({ record }) => record.use === 'token')
      .toSorted((one, other) => (one.record.name < other.record.name ? -1 : 1));
  const view = async (kept: readonly Kept<TokenRecord>[]): Promise<readonly TokenInfo[]> => {
    const open = (await sessions.list()).filter((one) => isOpen(one, http.sessionLimits, clock.now()));
    return kept.map((one) => tokenInfo(one, open, clock.now()));
  };
  const tell = (reason: 'TokenCreated' | 'TokenDeleted', message: string): void => {
    store.appendEvent({
      ...{ at: clock.now(), level: 'info', reason, message },
      ...{ key: null, slot: null, pid: null, generation: null },
    });
  };
  return {
    async tokens() {
      return ok({ apiVersion: 'v1', kind: 'TokenList', items: await view(await named()) });
    },
    createToken: ({ name, access, forMs, by }) =>
      oneAtATime(async () => {
        const all = await named();
        const now = clock.now();
        const taken = nameTaken(name, all.map(({ record }) => record), now); // prettier-ignore
        if (taken !== null) return err(taken);
        try {
          const made = await createToken(tokens, { name, access, by, use: 'token', forMs, now });
          tell('TokenCreated', `${by} created the token ${tokenText(made.record)}`);
          return ok({ token: made.token, info: tokenInfo({ record: made.record, usedAt: now }, [], now) });
        } catch (error) {
          return failed(error);
        }
      }),
    deleteToken: ({ token: word, by }) =>
      oneAtATime(async () => {
        const all = await named();
        const found = findToken(word, all.map(({ record }) => record)); // prettier-ignore
        if (!found.ok) return found;
        const kept = all.filter(({ record }) => record === found.value);
        const [info] = await view(kept);
        try {
          await tokens.remove(found.value.id);
          // From here on nobody is let in by it, whatever becomes of the rest.
          http.recheck();
          await endSessionsOf(found.value, sessions);
        } catch (error) {
          return failed(error);
        }
        tell('TokenDeleted', `${by} deleted the token ${tokenText(found.value)}`);
        return info === undefined ? err(GONE) : ok(info);
      }),
    async logIn({ access, by }) {
      const { url, problem } = http;
      if (url === null) return ok({ url: null, expiresAt: null, problem });
      await sweepLinks(http.books, clock.now());
      try {
        const made = await createToken(tokens, {
          ...{ name: by, access, by, use: 'login', forMs: LINK_MS },
          now: clock.now(),
        });
        return ok({ url: `${url}/#token=${made.token}`, expiresAt: made.record.expiresAt, problem });
      } catch (error) {
        return failed(error);
      }
    },
  };
}

const GONE = { code: 'NOT_FOUND', message: 'the token was deleted meanwhile' } as const;

function tokenInfo(
  { record, usedAt }: Kept<TokenRecord>,
  open: readonly Kept<SessionRecord>[],
  now: number,
): TokenInfo {
  const { id, name, access, createdAt, by, expiresAt } = record;
  return {
    ...{ id, name, access, createdAt, createdBy: by },
    lastUsedAt: usedAt > Date.parse(createdAt) ? new Date(usedAt).toISOString() : null,
    expiresAt,
    expired: isOver(expiresAt, now),
    sessions: open.filter((one) => one.record.token === id).length,
  };
}

/** `ci (write, until 2026-12-01T00:00:00.000Z)`. */
function tokenText({ name, access, expiresAt }: TokenRecord): string {
  return `${name} (${access}${expiresAt === null ? '' : `, until ${expiresAt}`})`;
}

/** Links that nobody took. */
async function sweepLinks({ tokens }: AccessBooks, now: number): Promise<void> {
  for (const { record } of await tokens.list()) {
    if (record.use === 'login' && isOver(record.expiresAt, now)) await tokens.remove(record.id);
  }
}
