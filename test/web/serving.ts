import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { request as plainRequest, type IncomingHttpHeaders } from 'node:http';
import { request as tlsRequest } from 'node:https';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { onTestFinished } from 'vitest';
import { accessTo } from '../../src/api/contract/endpoints/access.ts';
import type { ApiBackend } from '../../src/api/contract/endpoints/backend.ts';
import { answerFrom } from '../../src/api/server/answer.ts';
import { memoryBook } from '../../src/home/access/memory-book.ts';
import type { SessionRecord } from '../../src/home/access/sessions.ts';
import { createToken, type NewToken, type TokenRecord } from '../../src/home/access/tokens.ts';
import type { WebListener, WebOptions } from '../../src/web/model.ts';
import { openWeb } from '../../src/web/web-listener.ts';
import { FakeClock } from '../support/fake-clock.ts';
import { fakeBackend } from '../api/backend.ts';

export interface Answered {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly text: string;
}

export interface Asked {
  readonly method?: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string;
}

export interface Browser {
  readonly cookie: string;
  readonly csrf: string;
  /** As a page of the dashboard sends it. */
  ask(path: string, asked?: Asked): Promise<Answered>;
}

/** A listener of the running test, over a backend that remembers what reached it. */
export class Site {
  readonly clock: FakeClock;
  readonly lines: string[];
  readonly listener: WebListener;
  readonly #options: WebOptions;

  constructor(parts: {
    readonly clock: FakeClock;
    readonly options: WebOptions;
    readonly listener: WebListener;
    readonly lines: string[];
  }) {
    this.clock = parts.clock;
    this.listener = parts.listener;
    this.lines = parts.lines;
    this.#options = parts.options;
  }

  get tokens(): WebOptions['tokens'] {
    return this.#options.tokens;
  }

  get origin(): string {
    return `${this.#options.certificate === null ? 'http' : 'https'}://127.0.0.1:${this.listener.port}`;
  }

  ask(path: string, { method = 'GET', headers = {}, body }: Asked = {}): Promise<Answered> {
    const { place, certificate } = this.#options;
    const where =
      place.kind === 'unix' ? { socketPath: place.path } : { host: '127.0.0.1', port: this.listener.port };
    const options = { ...where, method, path, headers, rejectUnauthorized: false, agent: false };
    return new Promise((resolve, reject) => {
      const sent = (certificate === null ? plainRequest : tlsRequest)(options);
      sent.on('error', reject);
      sent.on('response', (response) => {
        const chunks: Buffer[] = [];
        response.on('data', (chunk: Buffer) => chunks.push(chunk));
        response.on('error', reject);
        response.on('end', () =>
          resolve({
            status: response.statusCode ?? 0,
            headers: response.headers,
            text: Buffer.concat(chunks).toString(),
          }),
        );
      });
      sent.end(body);
    });
  }

  async token(wanted: Partial<NewToken> = {}): Promise<string> {
    const { token } = await createToken(this.#options.tokens, {
      ...{ name: 'ci', access: 'read', by: 'alice', use: 'token', forMs: null, now: this.clock.now() },
      ...wanted,
    });
    return token;
  }

  logIn(token: string, headers: Readonly<Record<string, string>> = {}): Promise<Answered> {
    return this.ask('/session', {
      method: 'POST',
      headers: { origin: this.origin, 'content-type': 'application/json', ...headers },
      body: JSON.stringify({ token }),
    });
  }

  /** Somebody who has logged in. */
  async browser(access: 'read' | 'write', wanted: Partial<NewToken> = {}): Promise<Browser> {
    const answer = await this.logIn(await this.token({ name: 'alice', access, use: 'login', ...wanted }));
    if (answer.status !== 200) throw new Error(answer.text);
    const cookie = (answer.headers['set-cookie']?.[0] ?? '').split(';', 1)[0] ?? '';
    const { csrf } = JSON.parse(answer.text) as { csrf: string };
    return {
      cookie,
      csrf,
      ask: (path, { headers = {}, ...asked } = {}) =>
        this.ask(path, {
          ...asked,
          headers: {
            cookie,
            origin: this.origin,
            'x-stateward-csrf': csrf,
            'content-type': 'application/json',
            ...headers,
          },
        }),
    };
  }
}

/** `backend`: what answers what may be asked. */
export async function openSite(
  backend: ApiBackend = fakeBackend(),
  wanted: Partial<WebOptions> = {},
): Promise<Site> {
  const folder = mkdtempSync(join(tmpdir(), 'stw-web-'));
  const clock = new FakeClock();
  const lines: string[] = [];
  const files = join(folder, 'web');
  mkdirSync(join(files, 'assets'), { recursive: true });
  writeFileSync(join(files, 'index.html'), '<!doctype html><title>the dashboard</title>');
  writeFileSync(join(files, 'assets', 'main-1a2b.js'), `export const text = '${'x'.repeat(2000)}';`);
  writeFileSync(join(folder, 'outside.js'), 'secret');
  const options: WebOptions = {
    place: { kind: 'tcp', host: '127.0.0.1', port: 0 },
    certificate: null,
    allowedHosts: [],
    behindProxy: false,
    cookie: 'stateward_1a2b3c',
    folder: files,
    tokens: memoryBook<TokenRecord>(() => clock.now()),
    sessions: memoryBook<SessionRecord>(() => clock.now()),
    sessionLimits: { idleMs: 3_600_000, maxMs: 24 * 3_600_000 },
    accessTo,
    upstream: (allowed, response) =>
      answerFrom(backend, allowed, response, {
        clock,
        heartbeatMs: 15_000,
        stallMs: 30_000,
        onError: (error) => lines.push(String(error)),
        isStopping: () => false,
      }),
    clock,
    log: (line) => lines.push(line),
    ...wanted,
  };
  const opened = await openWeb(options);
  if (!opened.ok) throw new Error(opened.error.message);
  onTestFinished(async () => {
    await opened.value.close();
    rmSync(folder, { recursive: true, force: true });
  });
  return new Site({ clock, options, listener: opened.value, lines });
}
