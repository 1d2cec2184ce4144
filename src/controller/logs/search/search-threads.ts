import { SearchThread, type Search, type SearchEnd } from './search-thread.ts';

/** Searches that run at the same time: others have a host to use too. */
const MAX_THREADS = 2;
/** A thread that nobody needs takes memory for so long yet. */
const IDLE_MS = 2_000;

interface Waiting {
  readonly search: Search;
  readonly resolve: (end: SearchEnd) => void;
}

/** Threads that search lines, made when there is something to search and ended when there is nothing for a while. */
export class SearchThreads {
  readonly #waiting: Waiting[] = [];
  #idle: SearchThread[] = [];
  #busy = 0;
  #ending: NodeJS.Timeout | undefined;

  /** Waits for its turn where many search. */
  search(search: Search): Promise<SearchEnd> {
    return new Promise((resolve) => {
      this.#waiting.push({ search, resolve });
      this.#next();
    });
  }

  #next(): void {
    if (this.#busy >= MAX_THREADS) return;
    const next = this.#waiting.shift();
    if (next === undefined) return;
    clearTimeout(this.#ending);
    this.#busy += 1;
    const thread = this.#idle.pop() ?? new SearchThread();
    void thread.search(next.search).then((end) => {
      this.#busy -= 1;
      if (thread.isUsable) this.#idle.push(thread);
      next.resolve(end);
      this.#next();
      if (this.#busy === 0) this.#endLater();
    });
  }

  #endLater(): void {
    clearTimeout(this.#ending);
    this.#ending = setTimeout(() => {
      for (const thread of this.#idle) thread.end();
      this.#idle = [];
    }, IDLE_MS);
    this.#ending.unref();
  }
}

/** Of this process: what is bounded is what all who search take together. */
export const searchThreads = new SearchThreads();
