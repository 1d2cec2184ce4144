import { join } from 'node:path';
import type { ApiBackend } from '../../api/contract/endpoints/backend.ts';
import type { HttpInfo } from '../../api/contract/wire/access/http.ts';
import { answerFrom } from '../../api/server/answer.ts';
import { homeCookie } from '../../home/access/cookie-name.ts';
import type { SessionLimits } from '../../home/access/sessions.ts';
import type { HomeLayout } from '../../home/layout.ts';
import type { Clock } from '../../lib/clocks/clock.ts';
import type { Failure } from '../../lib/failure.ts';
import { errorMessage } from '../../lib/system-error.ts';
import { createSerialQueue } from '../../state/serial-queue.ts';
import type { Store } from '../../state/store.ts';
import { accessBooks, type AccessBooks } from '../access/books.ts';
import type { SettingsBook } from '../settings/settings-book.ts';
import type { HttpListener } from './http-listener.ts';
import type { HttpSettings } from '../../home/settings/settings.ts';

export interface HttpOptions {
  readonly options: { readonly distDir: string; readonly log: (line: string) => void };
  readonly paths: HomeLayout;
  readonly store: Pick<Store, 'appendEvent'>;
  readonly clock: Clock;
  readonly settings: Pick<SettingsBook, 'now' | 'report'>;
  /** What answers who may ask. */
  readonly api: () => ApiBackend;
}

/** As at the socket in the home. */
const HEARTBEAT_MS = 15_000;
const STALL_MS = 30_000;

/** The daemon's own listener. What listens is loaded when something is to be listened at for the first time. */
export class Http {
  /** Who may ask. */
  readonly books: AccessBooks;
  readonly #options: HttpOptions;
  readonly #enqueue = createSerialQueue();
  #listener: HttpListener | null = null;
  #isClosed = false;

  constructor(options: HttpOptions) {
    this.#options = options;
    this.books = accessBooks(options.paths, options.clock, options.options.log);
  }

  /** Resolves when it is so, or a problem says why not. Never rejects. */
  want(settings: HttpSettings): Promise<void> {
    if (this.#listener === null && settings.listen === null) return Promise.resolve();
    return this.#enqueue(async () => {
      if (this.#isClosed) return;
      this.#listener ??= await this.#load();
      await this.#listener.want(settings);
    }).catch((error: unknown) => this.#options.options.log(`http: ${errorMessage(error)}`));
  }

  /** null: nothing is to be listened at. */
  get info(): HttpInfo | null {
    return this.#listener?.info ?? null;
  }

  get url(): string | null {
    return this.info?.url ?? null;
  }

  /** Why nothing listens where something should; null: it does, or should not. */
  get problem(): Failure | null {
    const found = this.info?.problems.find(({ reason }) => reason === 'HttpUnheard');
    return found === undefined ? null : { code: 'CONFLICT', message: found.message, hint: found.hint };
  }

  get sessionLimits(): SessionLimits {
    return this.#options.settings.now.http.session;
  }

  /** Ends what those read who may not any more. */
  recheck(): void {
    this.#listener?.recheck();
  }

  /** Calling it twice does nothing more. */
  async close(): Promise<void> {
    this.#isClosed = true;
    await this.#enqueue(async () => this.#listener?.close());
  }

  async #load(): Promise<HttpListener> {
    const { options, paths, store, settings, clock, api } = this.#options;
    const { books } = this;
    const { log, distDir } = options;
    const [{ HttpListener: Listener }, { openWeb }, { accessTo }] = await Promise.all([
      import('./http-listener.ts'),
      import('../../web/web-listener.ts'),
      import('../../api/contract/endpoints/access.ts'),
    ]);
    const respond = {
      ...{ clock, heartbeatMs: HEARTBEAT_MS, stallMs: STALL_MS },
      onError: (error: unknown) => log(`http: ${errorMessage(error)}`),
      isStopping: () => this.#isClosed,
    };
    await books.tokens.tidy();
    await books.sessions.tidy();
    return new Listener({
      web: {
        ...{ accessTo, clock, log, tokens: books.tokens, sessions: books.sessions },
        folder: join(distDir, 'web'),
        cookie: homeCookie(paths),
        upstream: (allowed, response) => answerFrom(api(), allowed, response, respond),
      },
      ...{ openWeb, clock, log },
      report: (failure) => settings.report('http', failure),
      tell: (level, reason, message) =>
        store.appendEvent({
          ...{ at: clock.now(), level, reason, message },
          ...{ key: null, slot: null, pid: null, generation: null },
        }),
    });
  }
}

/** The part of an answer that says how it is listened; nothing where nothing is to be. `onlyProblems`: and nothing is wrong. */
export function httpPart({ info }: Pick<Http, 'info'>, onlyProblems = false): { readonly http?: HttpInfo } {
  if (info === null || (onlyProblems && info.problems.length === 0)) return {};
  return { http: info };
}
