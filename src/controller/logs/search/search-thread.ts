import { Worker } from 'node:worker_threads';
import type { LineBounds } from '../parts/lines-of.ts';

/** The numbers of the lines that match, in order; or one of them takes too long with these patterns. */
export type SearchEnd = readonly number[] | 'too-slow';

export interface Search {
  /** Regular expressions; a line is found that matches one of them. */
  readonly patterns: readonly string[];
  readonly bytes: Buffer;
  readonly lines: LineBounds;
  /** Fires when nobody waits for what is found any more. */
  readonly signal: AbortSignal;
}

/** A thread may have to wait for a processor, so these are generous: nobody else waits for it meanwhile. */
const LINE_MS = 1_000;
const BATCH_MS = 10_000;
const LOOK_MS = 250;
const MAX_MEMORY_MB = 64;

/**
 * The program of the thread. It counts the lines that it has done, so that one line which takes long is told from many.
 * Patterns are kept compiled: the same come again and again. What throws (the stack is too small for a pattern, the line
 * too long) is too much as well.
 */
const PROGRAM = `
const { parentPort } = require('node:worker_threads');
let known = '';
let expressions = [];
parentPort.on('message', ({ patterns, bytes, starts, ends, done }) => {
  try {
    const text = JSON.stringify(patterns);
    if (text !== known) expressions = patterns.map((pattern) => new RegExp(pattern));
    known = text;
    const buffer = Buffer.from(bytes.buffer);
    const found = [];
    for (let index = 0; index < starts.length; index += 1) {
      const line = buffer.toString('utf8', starts[index], ends[index]);
      if (expressions.some((expression) => expression.test(line))) found.push(index);
      done[0] = index + 1;
    }
    parentPort.postMessage(found);
  } catch {
    parentPort.postMessage('too-slow');
  }
});
`;

/**
 * A thread that searches lines for regular expressions. A pattern of somebody can take for ever, which no check of it tells
 * for sure: here it holds nobody up, and can be ended.
 */
export class SearchThread {
  readonly #worker: Worker;
  #finish: (end: SearchEnd) => void = () => undefined;
  #isUsable = true;

  constructor() {
    this.#worker = new Worker(PROGRAM, {
      ...{ eval: true, env: {}, execArgv: [] },
      resourceLimits: { maxOldGenerationSizeMb: MAX_MEMORY_MB },
    });
    this.#worker.on('message', (found: SearchEnd) => this.#finish(found));
    // It has run out of memory, or could not be started.
    this.#worker.on('error', () => this.#giveUp('too-slow'));
    this.#worker.unref();
  }

  /** It can search again. */
  get isUsable(): boolean {
    return this.#isUsable;
  }

  /** One search at a time. One that takes too long, or that nobody waits for, costs the thread. */
  async search({ patterns, bytes, lines, signal }: Search): Promise<SearchEnd> {
    const first = lines.starts[0];
    if (first === undefined || signal.aborted) return [];
    const done = new Int32Array(new SharedArrayBuffer(Int32Array.BYTES_PER_ELEMENT));
    const watching = setInterval(
      watchdog(done, () => this.#giveUp('too-slow')),
      LOOK_MS,
    );
    const abandon = (): void => this.#giveUp([]);
    signal.addEventListener('abort', abandon);
    this.#worker.ref();
    try {
      return await new Promise<SearchEnd>((resolve) => {
        this.#finish = resolve;
        const sent = new Uint8Array(bytes.subarray(first, lines.ends.at(-1)));
        const starts = Uint32Array.from(lines.starts, (start) => start - first);
        const ends = Uint32Array.from(lines.ends, (end) => end - first);
        const message = { patterns, bytes: sent, starts, ends, done };
        this.#worker.postMessage(message, [sent.buffer, starts.buffer, ends.buffer]);
      });
    } finally {
      this.#worker.unref();
      clearInterval(watching);
      signal.removeEventListener('abort', abandon);
    }
  }

  end(): void {
    this.#giveUp([]);
  }

  #giveUp(end: SearchEnd): void {
    this.#isUsable = false;
    void this.#worker.terminate();
    this.#finish(end);
  }
}

/** To be called now and then; calls back when a line, or all together, take too long. */
function watchdog(done: Int32Array, tooSlow: () => void): () => void {
  const until = performance.now() + BATCH_MS;
  let seen = { count: 0, at: performance.now() };
  return () => {
    const count = Atomics.load(done, 0);
    const at = performance.now();
    if (count !== seen.count) seen = { count, at };
    else if (at - seen.at >= LINE_MS) tooSlow();
    if (at >= until) tooSlow();
  };
}
