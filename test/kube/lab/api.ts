import { readFileSync } from 'node:fs';
import { Agent, request } from 'node:https';
import { join } from 'node:path';
import type { IncomingMessage } from 'node:http';

/** What the API server of the lab says. */
export interface LabAnswer {
  readonly status: number;
  readonly body: Record<string, unknown>;
}

/** The API server of the lab, asked directly: what others than stateward do there, and what came of what it does. */
export class LabApi {
  readonly #url: string;
  readonly #agent: Agent;
  readonly #token: string;

  /** `folder`: of the lab. */
  constructor(folder: string) {
    const { url, token } = JSON.parse(readFileSync(join(folder, 'api.json'), 'utf8')) as Record<
      'url' | 'token',
      string
    >;
    this.#url = url;
    this.#token = token;
    this.#agent = new Agent({ ca: readFileSync(join(folder, 'certs/apiserver.crt')), keepAlive: true });
  }

  async ask(method: string, path: string, body?: unknown, type = 'application/json'): Promise<LabAnswer> {
    const response = await this.open(method, path, body, type);
    let text = '';
    response.setEncoding('utf8');
    for await (const chunk of response) text += String(chunk);
    const status = response.statusCode ?? 0;
    try {
      return { status, body: JSON.parse(text) as Record<string, unknown> };
    } catch {
      return { status, body: { message: text } };
    }
  }

  /** The same for what has to go well. */
  async ok(method: string, path: string, body?: unknown, type?: string): Promise<Record<string, unknown>> {
    const answer = await this.ask(method, path, body, type);
    if (answer.status >= 300) throw new Error(`${method} ${path}: ${JSON.stringify(answer.body)}`);
    return answer.body;
  }

  /** The answer as it comes, for watches. */
  open(method: string, path: string, body?: unknown, type?: string): Promise<IncomingMessage> {
    return new Promise((resolve, reject) => {
      const text = body === undefined ? undefined : JSON.stringify(body);
      const headers = {
        authorization: `Bearer ${this.#token}`,
        accept: 'application/json',
        ...(text !== undefined && { 'content-type': type, 'content-length': Buffer.byteLength(text) }),
      };
      const sent = request(`${this.#url}${path}`, { method, headers, agent: this.#agent }, resolve);
      sent.on('error', reject);
      sent.end(text);
    });
  }

  close(): void {
    this.#agent.destroy();
  }
}
