import type { Failure } from '../../lib/failure.ts';
import { ok, type Result } from '../../lib/result.ts';
import type { SourceRecord } from '../../sources/model/record.ts';
import { createSerialQueue } from '../../state/serial-queue.ts';
import { writeRecord } from './book.ts';
import type { SourcesContext } from './context.ts';

type Change = (record: SourceRecord) => SourceRecord;

/** What is known of one source, in memory and on disk: one write after the other. */
export class KeptRecord {
  readonly #context: Pick<SourcesContext, 'paths' | 'log'>;
  readonly #oneWrite = createSerialQueue();
  #now: SourceRecord;
  #isClosed = false;

  constructor(record: SourceRecord, context: Pick<SourcesContext, 'paths' | 'log'>) {
    this.#now = record;
    this.#context = context;
  }

  get now(): SourceRecord {
    return this.#now;
  }

  /** Nothing is written any more. */
  close(): void {
    this.#isClosed = true;
  }

  /** Changes it durably. What cannot be written was not changed. */
  change(change: Change): Promise<Result<void, Failure>> {
    return this.#oneWrite(async () => {
      const next = change(this.#now);
      if (next === this.#now || this.#isClosed) return ok(undefined);
      const done = await writeRecord(this.#context.paths.state, next);
      // What has happened meanwhile stays, and is about to be written.
      if (done.ok) this.#now = change(this.#now);
      return done;
    });
  }

  /** Takes note of what has happened. What cannot be written holds in memory, and is written with the next change. */
  async set(change: Change): Promise<void> {
    const before = this.#now;
    this.#now = change(before);
    if (this.#now === before) return;
    const written = await this.#oneWrite(() =>
      this.#isClosed ? Promise.resolve(ok(undefined)) : writeRecord(this.#context.paths.state, this.#now),
    );
    if (!written.ok) this.#context.log(written.error.message);
  }
}
