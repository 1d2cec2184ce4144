import type { ApiBackend } from '../../api/contract/endpoints/backend.ts';
import type { SessionInfo, SessionList } from '../../api/contract/wire/access/sessions.ts';
import type { Kept } from '../../home/access/book.ts';
import { endOf, isOpen, type SessionLimits, type SessionRecord } from '../../home/access/sessions.ts';
import type { Failure } from '../../lib/failure.ts';
import { err, ok, type Result } from '../../lib/result.ts';
import { writeFailure, writeProblem } from '../../state/disk/state-failures.ts';
import { tokenRequests, type AccessOptions, type TokenCalls } from './token-requests.ts';

type SessionCalls = Pick<ApiBackend, 'sessions' | 'deleteSession'>;

/** What is typed of an id. */
const LEAST_ID = 6;
/** What an event says of an id: enough for `session delete`. */
const SHOWN_ID = 8;

/** What is asked of who may ask over the network. */
export function accessRequests(options: AccessOptions): TokenCalls & SessionCalls {
  return { ...tokenRequests(options), ...sessionRequests(options) };
}

/** What is asked of the browsers that are logged in. */
export function sessionRequests({ paths, clock, store, http }: AccessOptions): SessionCalls {
  const { sessions } = http.books;
  const open = async (): Promise<readonly Kept<SessionRecord>[]> =>
    (await sessions.list())
      .filter((one) => isOpen(one, http.sessionLimits, clock.now()))
      .toSorted((one, other) => other.usedAt - one.usedAt);
  return {
    async sessions() {
      return ok(listOf(await open(), http.sessionLimits));
    },
    async deleteSession({ session: word, by }) {
      const meant = meantBy(word, await open());
      if (!meant.ok) return meant;
      const ended: Kept<SessionRecord>[] = [];
      let failure: Failure | null = null;
      for (const one of meant.value) {
        try {
          if (await sessions.remove(one.record.id)) ended.push(one);
        } catch (error) {
          failure = writeFailure(writeProblem(paths.access, error));
        }
      }
      // Whoever it was has what they read ended now, also where another could not be.
      http.recheck();
      if (ended.length > 0) {
        store.appendEvent({
          ...{ at: clock.now(), level: 'info', reason: 'SessionsEnded' },
          message: `${by} ended the session${ended.length === 1 ? '' : 's'} ${ended.map(sessionText).join(', ')}`,
          ...{ key: null, slot: null, pid: null, generation: null },
        });
      }
      return failure === null ? ok(listOf(ended, http.sessionLimits)) : err(failure);
    },
  };
}

/** Fails with NOT_FOUND or SELECTOR_AMBIGUOUS. */
function meantBy(
  word: string | null,
  all: readonly Kept<SessionRecord>[],
): Result<readonly Kept<SessionRecord>[], Failure> {
  if (word === null) return ok(all);
  const found =
    word.length < LEAST_ID ? [] : all.filter(({ record }) => record.id.startsWith(word.toLowerCase()));
  if (found.length === 1) return ok(found);
  if (found.length === 0) {
    return err({
      code: 'NOT_FOUND',
      message: `there is no session ${word}`,
      hint: `stateward session list shows them; at least ${LEAST_ID} letters of an id are needed`,
    });
  }
  return err({
    code: 'SELECTOR_AMBIGUOUS',
    message: `${word} is the beginning of several ids: ${found.map(({ record }) => record.id).join(', ')}`,
    hint: 'say more of it',
  });
}

function listOf(kept: readonly Kept<SessionRecord>[], limits: SessionLimits): SessionList {
  return { apiVersion: 'v1', kind: 'SessionList', items: kept.map((one) => sessionInfo(one, limits)) };
}

function sessionInfo(kept: Kept<SessionRecord>, limits: SessionLimits): SessionInfo {
  const { id, name, access, token, createdAt, expiresAt } = kept.record;
  return {
    ...{ id, name, access, from: token === null ? 'link' : 'token', createdAt },
    lastUsedAt: new Date(kept.usedAt).toISOString(),
    endsAt: new Date(endOf(kept, limits)).toISOString(),
    expiresAt,
  };
}

/** `1f2e3d4c of ci (write)`. */
function sessionText({ record: { id, name, access } }: Kept<SessionRecord>): string {
  return `${id.slice(0, SHOWN_ID)} of ${name} (${access})`;
}
