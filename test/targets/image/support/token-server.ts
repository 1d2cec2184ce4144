import { createSign, randomUUID, X509Certificate, type KeyObject, createPrivateKey } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

const LASTS_S = 60;

/** Gives tokens that Docker's registry believes: to `me` for what is asked, to `reader` for reading alone. */
export class TokenServer implements AsyncDisposable {
  readonly service = 'test registry';
  readonly issuer = 'test tokens';
  readonly #certificate: X509Certificate;
  readonly #key: KeyObject;
  readonly #server = createServer((request, response) => this.#answer(request, response));

  private constructor(certificate: string, key: string) {
    this.#certificate = new X509Certificate(readFileSync(certificate));
    this.#key = createPrivateKey(readFileSync(key));
  }

  /** `certificate`, `key`: files in PEM, of what signs tokens. */
  static async open(certificate: string, key: string): Promise<TokenServer> {
    const server = new TokenServer(certificate, key);
    await new Promise<void>((done) => server.#server.listen(0, '127.0.0.1', done));
    return server;
  }

  get url(): string {
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}/token`;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#server.closeAllConnections();
    await new Promise((done) => this.#server.close(done));
  }

  #answer({ url = '', headers }: IncomingMessage, response: ServerResponse): void {
    const { searchParams } = new URL(url, 'http://localhost');
    const [user = '', password] = Buffer.from((headers.authorization ?? '').replace('Basic ', ''), 'base64')
      .toString()
      .split(':');
    if (!['me', 'reader'].includes(user) || password !== 'right') {
      response.writeHead(401).end('{"details":"incorrect username or password"}');
      return;
    }
    const access = searchParams.getAll('scope').map((scope) => {
      const [type, name, actions = ''] = scope.split(':');
      const may = actions.split(',').filter((action) => user === 'me' || action === 'pull');
      return { type, name, actions: may };
    });
    response.end(JSON.stringify({ token: this.#token(user, access), expires_in: LASTS_S }));
  }

  #token(sub: string, access: unknown): string {
    const now = Math.floor(Date.now() / 1000);
    const header = { typ: 'JWT', alg: 'RS256', x5c: [this.#certificate.raw.toString('base64')] };
    const claims = {
      ...{ iss: this.issuer, sub, aud: this.service, jti: randomUUID(), access },
      ...{ iat: now, nbf: now - 5, exp: now + LASTS_S },
    };
    const signed = [header, claims]
      .map((part) => Buffer.from(JSON.stringify(part)).toString('base64url'))
      .join('.');
    return `${signed}.${createSign('RSA-SHA256').update(signed).sign(this.#key, 'base64url')}`;
  }
}
