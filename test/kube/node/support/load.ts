import { Agent, get } from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';

const AT_ONCE = 4;
const PAUSE_MS = 5;
const ANSWER_MS = 5000;

/** What came of requests that were sent without an end. */
export interface Answers {
  /** How many got which text. */
  readonly texts: ReadonlyMap<string, number>;
  /** Why others got none, or no 200. */
  readonly failed: readonly string[];
}

/** Requests, each on a connection of its own, a few at once, one after the other, until they are ended. */
export class Load {
  readonly #url: string;
  readonly #agent = new Agent({ keepAlive: false });
  readonly #texts = new Map<string, number>();
  readonly #failed: string[] = [];
  readonly #senders: readonly Promise<void>[];
  #stopped = false;

  constructor(url: string) {
    this.#url = url;
    this.#senders = Array.from({ length: AT_ONCE }, () => this.#send());
  }

  seen(): Answers {
    return { texts: this.#texts, failed: this.#failed };
  }

  async end(): Promise<Answers> {
    this.#stopped = true;
    await Promise.all(this.#senders);
    return this.seen();
  }

  async #send(): Promise<void> {
    while (!this.#isStopped()) {
      try {
        const text = await this.#ask();
        this.#texts.set(text, (this.#texts.get(text) ?? 0) + 1);
      } catch (error) {
        this.#failed.push(`${new Date().toISOString()} ${String(error)}`);
      }
      await sleep(PAUSE_MS);
    }
  }

  #isStopped(): boolean {
    return this.#stopped;
  }

  #ask(): Promise<string> {
    return new Promise((resolve, reject) => {
      const sent = get(this.#url, { agent: this.#agent, timeout: ANSWER_MS }, (response) => {
        let text = '';
        response.setEncoding('utf8').on('data', (chunk: string) => {
          text += chunk;
        });
        response.on('end', () => {
          if (response.statusCode === 200) resolve(text);
          else reject(new Error(`status ${response.statusCode}: ${text}`));
        });
        response.on('error', reject);
      });
      sent.on('timeout', () => sent.destroy(new Error(`no answer within ${ANSWER_MS} ms`)));
      sent.on('error', reject);
    });
  }
}
