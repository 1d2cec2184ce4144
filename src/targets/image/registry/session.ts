import type { Failure } from '../../../lib/failure.ts';
import { err, ok, type Result } from '../../../lib/result.ts';
import { credentialsFor, type Credentials } from './credentials.ts';
import { endpointOf } from './endpoint.ts';
import { notARegistry, refused, unreachable, type Refusal } from './failures.ts';
import { basicOf, readChallenge, tokenIn, tokenRequest } from './log-in.ts';

/** One request of the API. */
export interface Asked {
  readonly method: 'GET' | 'HEAD' | 'POST' | 'PATCH' | 'PUT';
  /** From the root of the registry, or a whole URL that it has given. */
  readonly url: string;
  /** What it needs: `repository:shop/api:pull,push`. */
  readonly scopes: readonly string[];
  readonly headers?: Readonly<Record<string, string>>;
  /** Called for each try. */
  readonly body?: () => string | ReadableStream<Uint8Array>;
  /** What is tried, for who reads of a failure: `cannot push shop/api`. */
  readonly what: string;
  /** Absent: it is given up after a while. */
  readonly unbounded?: true;
}

const MAX_REFUSAL = 4096;

/** What requests have in common. */
export interface SessionHow {
  readonly env: Readonly<Record<string, string | undefined>>;
  /** How long an answer without a body of any length may take. */
  readonly patienceMs: number;
  /** Ends every request. */
  readonly signal: AbortSignal;
}

/** Talks to one registry, and logs in where it asks for that. */
export class RegistrySession {
  readonly host: string;
  readonly #how: SessionHow;
  /** `Authorization` by the scopes that it is good for. */
  readonly #authorizations = new Map<string, string>();
  #credentials: Promise<Result<Credentials | null, Failure>> | null = null;

  constructor(host: string, how: SessionHow) {
    this.host = host;
    this.#how = how;
  }

  /** Sends a request, as somebody where the registry asks who it is. Gives whatever is answered then. */
  async send(asked: Asked): Promise<Result<Response, Failure>> {
    const key = asked.scopes.join(' ');
    const first = await this.#try(asked, this.#authorizations.get(key));
    if (!first.ok || first.value.status !== 401) return first;
    await first.value.body?.cancel().catch(() => undefined);
    const authorization = await this.#logIn(first.value, asked);
    if (!authorization.ok) return authorization;
    if (authorization.value === null) return err(refused(this.host, asked.what, { status: 401, body: '' }));
    this.#authorizations.set(key, authorization.value);
    return this.#try(asked, authorization.value);
  }

  /** The same, where any of these answers is as it has to be, and every other one a failure. */
  async ask(asked: Asked, ...statuses: readonly number[]): Promise<Result<Response, Failure>> {
    const sent = await this.send(asked);
    if (!sent.ok || statuses.includes(sent.value.status)) return sent;
    return err(await this.refusal(sent.value, asked.what));
  }

  /** Why an answer is none that was asked for. */
  async refusal(response: Response, what: string): Promise<Failure> {
    return refused(this.host, what, await this.#refusalOf(response));
  }

  async #refusalOf(response: Response): Promise<Refusal> {
    const body = (await response.text().catch(() => '')).slice(0, MAX_REFUSAL);
    return { status: response.status, body, ...(await this.#user()) };
  }

  /** As whom it is asked, where it has wanted to know. */
  async #user(): Promise<Pick<Refusal, 'user'>> {
    const credentials = await this.#credentials;
    if (credentials?.ok !== true || credentials.value === null) return {};
    return { user: 'token' in credentials.value ? 'the user of its token' : credentials.value.username };
  }

  async #try(
    { method, url, headers, body, what, unbounded }: Asked,
    authorization: string | undefined,
  ): Promise<Result<Response, Failure>> {
    const root = endpointOf(this.host);
    const whole = new URL(url, root);
    // Uploads can go elsewhere, and nobody there needs to know who we are here.
    const isHere = whole.origin === new URL(root).origin;
    try {
      const response = await fetch(whole, {
        method,
        headers: { ...headers, ...(isHere && authorization !== undefined && { authorization }) },
        ...(body !== undefined && { body: body(), duplex: 'half' }),
        signal: unbounded ? this.#how.signal : this.#bounded(),
      });
      return ok(response);
    } catch (error) {
      return err(unreachable(this.host, what, error));
    }
  }

  #bounded(): AbortSignal {
    return AbortSignal.any([this.#how.signal, AbortSignal.timeout(this.#how.patienceMs)]);
  }

  /** What proves who we are; null: it is not known, or does not help. */
  async #logIn(response: Response, { scopes, what }: Asked): Promise<Result<string | null, Failure>> {
    const challenge = readChallenge(response.headers.get('www-authenticate'));
    if (challenge === null) {
      return err(notARegistry(this.host, what, 'asks for a log-in of a kind that is not known here'));
    }
    this.#credentials ??= credentialsFor(this.host, this.#how.env);
    const credentials = await this.#credentials;
    if (!credentials.ok) return credentials;
    if (challenge.scheme === 'basic') return ok(basicOf(credentials.value));
    const request = tokenRequest(challenge, scopes, credentials.value);
    if (request === null) {
      return err(notARegistry(this.host, what, `sends log-ins to ${challenge.realm}, which is not asked`));
    }
    const server = new URL(request.url).host;
    try {
      const answer = await fetch(request, { signal: this.#bounded() });
      if (!answer.ok) {
        return err(refused(this.host, what, { ...(await this.#refusalOf(answer)), server }));
      }
      const token = await tokenIn(answer);
      if (token === null) return err(notARegistry(server, what, 'gives no token'));
      return ok(`Bearer ${token}`);
    } catch (error) {
      return err(unreachable(server, what, error));
    }
  }
}
