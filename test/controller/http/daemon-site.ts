import { request as plainRequest, type IncomingMessage } from 'node:http';
import { request as tlsRequest } from 'node:https';
import { once } from 'node:events';
import { rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { stringify } from 'yaml';
import type { DaemonStatus } from '../../../src/api/contract/wire/daemon.ts';
import { eventually } from '../../support/eventually.ts';
import { freePort } from '../../support/free-port.ts';
import { Host } from '../../support/host.ts';
import type { Answered, Asked, Browser } from '../../web/serving.ts';

type Http = NonNullable<DaemonStatus['http']>;

export interface Reached {
  readonly url: string;
  /** In the place of that in `url`. */
  readonly address?: string;
  readonly socketPath?: string;
}

/** A daemon of the running test that listens as its config.yaml says. `await using` it. */
export class DaemonSite extends Host {
  port = 0;

  /** One that listens on the loopback. */
  static async listening(): Promise<DaemonSite> {
    const site = new DaemonSite();
    site.port = await freePort();
    await site.ok('daemon', 'start');
    site.configure({ listen: `127.0.0.1:${site.port}` });
    await site.untilHttp(({ address }) => address === `127.0.0.1:${site.port}`);
    return site;
  }

  get origin(): string {
    return `http://127.0.0.1:${this.port}`;
  }

  /** Writes `http` of the settings; null: there are none. */
  configure(http: Record<string, unknown> | null): void {
    const file = join(this.home, 'config.yaml');
    if (http === null) rmSync(file, { force: true });
    else writeFileSync(file, stringify({ http }), { mode: 0o600 });
  }

  async http(): Promise<Http | undefined> {
    return (await this.daemon()).http;
  }

  untilHttp(isSo: (http: Http) => boolean): Promise<Http> {
    return eventually(async () => {
      const http = await this.http();
      return http !== undefined && isSo(http) && http;
    });
  }

  /** The token that `token create` prints. */
  async token(name: string, ...flags: readonly string[]): Promise<string> {
    return (await this.ok('token', 'create', name, ...flags)).stdout.trim();
  }

  ask(path: string, asked: Asked = {}, reached: Reached = { url: this.origin }): Promise<Answered> {
    return ask(path, asked, reached);
  }

  /** Somebody who opens the link of `dash`. */
  async browser(access: 'read' | 'write', reached: Reached = { url: this.origin }): Promise<Browser> {
    const { stdout } = await this.ok('dash', '--print', ...(access === 'write' ? ['--write'] : []));
    return logIn(new URL(stdout.trim()).hash.slice('#token='.length), reached);
  }

  logIn(token: string, reached: Reached = { url: this.origin }): Promise<Browser> {
    return logIn(token, reached);
  }
}

export function send(
  path: string,
  { method = 'GET', headers = {}, body }: Asked,
  { url, address, socketPath }: Reached,
) {
  const { hostname, host, port, protocol } = new URL(url);
  const where = socketPath === undefined ? { host: address ?? hostname, port } : { socketPath };
  const isTls = protocol === 'https:' && socketPath === undefined;
  const named = { host, ...headers };
  const options = { ...where, method, path, headers: named, rejectUnauthorized: false, agent: false };
  const sent = (isTls ? tlsRequest : plainRequest)(options);
  sent.end(body);
  return sent;
}

async function ask(path: string, asked: Asked, reached: Reached): Promise<Answered> {
  const [response] = (await once(send(path, asked, reached), 'response')) as [IncomingMessage];
  const chunks: Buffer[] = [];
  for await (const chunk of response) chunks.push(chunk as Buffer);
  return {
    status: response.statusCode ?? 0,
    headers: response.headers,
    text: Buffer.concat(chunks).toString(),
  };
}

async function logIn(token: string, reached: Reached): Promise<Browser> {
  const { origin, host } = new URL(reached.url);
  const json = { host, origin, 'content-type': 'application/json' };
  const answer = await ask(
    '/session',
    { method: 'POST', headers: json, body: JSON.stringify({ token }) },
    reached,
  );
  if (answer.status !== 200) throw new Error(`${answer.status} ${answer.text}`);
  const cookie = (answer.headers['set-cookie']?.[0] ?? '').split(';', 1)[0] ?? '';
  const { csrf } = JSON.parse(answer.text) as { csrf: string };
  return {
    cookie,
    csrf,
    ask: (path, { headers = {}, ...asked } = {}) =>
      ask(path, { ...asked, headers: { ...json, cookie, 'x-stateward-csrf': csrf, ...headers } }, reached),
  };
}

/** A stream of server-sent events that is read as it comes. */
export class Reading {
  /** Resolves when it has ended, whoever ended it. */
  readonly ended: Promise<unknown>;
  text = '';
  readonly #response: IncomingMessage;

  private constructor(response: IncomingMessage) {
    this.#response = response;
    response.on('data', (chunk: Buffer) => (this.text += chunk.toString()));
    response.on('error', () => undefined);
    this.ended = new Promise((resolve) => response.once('close', resolve));
  }

  static async of(path: string, headers: Record<string, string>, reached: Reached): Promise<Reading> {
    const [response] = (await once(send(path, { headers }, reached), 'response')) as [IncomingMessage];
    if (response.statusCode !== 200) throw new Error(`${path}: ${response.statusCode ?? ''}`);
    return new Reading(response);
  }

  get status(): number {
    return this.#response.statusCode ?? 0;
  }

  says(text: string): Promise<unknown> {
    return eventually(() => this.text.includes(text));
  }

  /** Of the newest event that has one. */
  get lastId(): string {
    return [...this.text.matchAll(/^id: ?(.*)$/gm)].at(-1)?.[1] ?? '';
  }

  close(): void {
    this.#response.destroy();
  }
}
