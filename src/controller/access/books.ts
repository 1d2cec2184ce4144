import type { HomeLayout } from '../../home/layout.ts';
import { isSessionRecord, type SessionRecord } from '../../home/access/sessions.ts';
import { isTokenRecord, type TokenRecord } from '../../home/access/tokens.ts';
import type { Clock } from '../../lib/clocks/clock.ts';
import { FileBook } from './file-book.ts';

/** Who may ask over the network, on disk. */
export interface AccessBooks {
  readonly tokens: FileBook<TokenRecord>;
  readonly sessions: FileBook<SessionRecord>;
}

export function accessBooks(
  { tokens, sessions }: Pick<HomeLayout, 'tokens' | 'sessions'>,
  clock: Pick<Clock, 'now'>,
  log: (line: string) => void,
): AccessBooks {
  const now = (): number => clock.now();
  return {
    tokens: new FileBook({ folder: tokens, isRecord: isTokenRecord, now, log }),
    sessions: new FileBook({ folder: sessions, isRecord: isSessionRecord, now, log }),
  };
}
