import { readFileSync } from 'node:fs';
import type { Failure } from '../../lib/failure.ts';
import type { GitOrigin, WebhookSpec } from '../../sources/model/source.ts';
import { listenForWebhooks } from '../../sources/webhook/listener.ts';
import type { WebhookListener, WebhookTarget } from '../../sources/webhook/model.ts';
import type { SourcesContext } from './context.ts';
import type { SourceWorker } from './work/worker.ts';

/** Listens where sources declare it, and has them looked at when somebody says that there is something new. */
export class Webhooks {
  readonly #context: Pick<SourcesContext, 'clock' | 'log' | 'store'>;
  readonly #workers: ReadonlyMap<string, SourceWorker>;
  readonly #listeners = new Map<string, WebhookListener>();
  readonly #problems = new Map<string, Failure>();
  #turn: Promise<void> = Promise.resolve();
  #isClosed = false;

  constructor(
    context: Pick<SourcesContext, 'clock' | 'log' | 'store'>,
    workers: ReadonlyMap<string, SourceWorker>,
  ) {
    this.#context = context;
    this.#workers = workers;
  }

  /** Why nobody is heard at an address; null: everybody is. */
  problemAt(address: string): Failure | null {
    return this.#problems.get(address) ?? null;
  }

  /** Listens at every address that a source declares, and at no other. */
  renew(): Promise<void> {
    this.#turn = this.#turn.then(() => this.#renew());
    return this.#turn;
  }

  close(): void {
    this.#isClosed = true;
    for (const listener of this.#listeners.values()) listener.close();
  }

  async #renew(): Promise<void> {
    const wanted = new Set([...this.#workers.values()].flatMap((worker) => webhookOf(worker)?.listen ?? []));
    for (const [address, listener] of this.#listeners) {
      if (wanted.has(address)) continue;
      listener.close();
      this.#listeners.delete(address);
    }
    for (const address of this.#problems.keys()) if (!wanted.has(address)) this.#problems.delete(address);
    for (const address of wanted) if (!this.#listeners.has(address)) await this.#listen(address);
  }

  async #listen(address: string): Promise<void> {
    const { clock, log, store } = this.#context;
    if (this.#isClosed) return;
    const target = (name: string): WebhookTarget | undefined => this.#target(name, address);
    const listening = await listenForWebhooks({ listen: address, target, clock, log });
    if (listening.ok) {
      this.#problems.delete(address);
      this.#listeners.set(address, listening.value);
      return;
    }
    const { message } = listening.error;
    this.#problems.set(address, listening.error);
    const about = { key: null, slot: null, pid: null, generation: null };
    store.appendEvent({ ...about, at: clock.now(), level: 'warning', reason: 'WebhookUnheard', message });
  }

  #target(name: string, address: string): WebhookTarget | undefined {
    const worker = this.#workers.get(name);
    const from = worker?.record.spec.from;
    if (worker === undefined || from?.kind !== 'git' || from.webhook?.listen !== address) return undefined;
    const { secretFile } = from.webhook;
    return { secrets: () => secretsIn(secretFile), ref: followedRef(from), fetch: () => worker.lookNow() };
  }
}

function webhookOf({ record: { spec } }: SourceWorker): WebhookSpec | null {
  return spec.from.kind === 'git' ? spec.from.webhook : null;
}

function followedRef({ ref }: GitOrigin): string | null {
  return 'branch' in ref ? `refs/heads/${ref.branch}` : null;
}

/** One that cannot be read has none: every request is refused then. */
function secretsIn(file: string): readonly string[] {
  try {
    const lines = readFileSync(file, 'utf8').split('\n');
    return lines.map((line) => line.trim()).filter((line) => line !== '');
  } catch {
    return [];
  }
}
