import { accessTo } from '../../api/contract/endpoints/access.ts';
import { homeCookie } from '../../home/access/cookie-name.ts';
import { memoryBook } from '../../home/access/memory-book.ts';
import { newSecret } from '../../home/access/secret.ts';
import type { SessionRecord } from '../../home/access/sessions.ts';
import { createToken, type Access, type TokenRecord } from '../../home/access/tokens.ts';
import type { HomeLayout } from '../../home/layout.ts';
import type { Clock } from '../../lib/clocks/clock.ts';
import type { Failure } from '../../lib/failure.ts';
import { ok, type Result } from '../../lib/result.ts';
import { forwardTo } from './forward.ts';

const HOUR = 3_600_000;

export interface ForegroundOptions {
  /** 0: a free one. */
  readonly port: number;
  /** Of the daemon. */
  readonly paths: HomeLayout;
  /** Of the files of the dashboard. */
  readonly folder: string;
  readonly access: Access;
  readonly user: string;
  readonly clock: Clock;
  readonly log: (line: string) => void;
}

/** A dashboard that this process serves. */
export interface Foreground {
  readonly port: number;
  /** A token that can be taken once. */
  readonly token: string;
  close(): Promise<void>;
}

/**
 * Serves the dashboard on 127.0.0.1 by the same rules as the daemon does, and hands on what may be asked to its socket. Who
 * has logged in is known to this process alone.
 */
export async function serveDash(options: ForegroundOptions): Promise<Result<Foreground, Failure>> {
  const { port, paths, folder, access, user, clock, log } = options;
  const now = (): number => clock.now();
  const tokens = memoryBook<TokenRecord>(now);
  const { openWeb } = await import('../../web/web-listener.ts');
  const opened = await openWeb({
    place: { kind: 'tcp', host: '127.0.0.1', port },
    certificate: null,
    allowedHosts: [],
    behindProxy: false,
    ...{ folder, tokens, clock, log, accessTo },
    // Not that of the daemon's own listener, nor of another command: each knows its own log-ins.
    cookie: homeCookie(paths, port === 0 ? newSecret() : String(port)),
    sessions: memoryBook<SessionRecord>(now),
    // It ends with the command.
    sessionLimits: { idleMs: 24 * HOUR, maxMs: 7 * 24 * HOUR },
    upstream: forwardTo(paths.apiSocket),
  });
  if (!opened.ok) return opened;
  const made = await createToken(tokens, {
    ...{ name: user, access, by: user },
    use: 'login',
    // Whoever has this link has this terminal.
    forMs: HOUR,
    now: clock.now(),
  });
  return ok({ port: opened.value.port, token: made.token, close: () => opened.value.close() });
}
