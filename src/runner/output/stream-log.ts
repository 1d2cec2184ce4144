import type { StreamName } from '../protocol/reports.ts';
import { lineFormat, slotOfLines, taggedFormat, type LineFormat } from '../logs/line-format.ts';
import { LineSplitter } from './line-splitter.ts';
import type { LogFile } from '../logs/log-file.ts';
import type { LineWriter } from '../logs/log-file-options.ts';
import type { LogSource } from '../../lib/log-times/log-stamp.ts';
import type { LogStore } from '../logs/log-store.ts';
import type { LogCounts } from '../logs/counts/log-usage.ts';
import type { InstanceLabels, LogSettings } from '../protocol/orders.ts';

export interface StreamLogSettings {
  readonly labels: InstanceLabels;
  readonly logs: LogSettings;
}

/** Takes the bytes of one stream of one instance to the files they are meant for. */
export class StreamLog implements LineWriter {
  readonly #stream: StreamName;
  readonly #store: LogStore;
  readonly #splitter: LineSplitter;
  #paths: readonly string[] = [];
  #files: readonly LogFile[] = [];
  #format: LineFormat;
  #tagged: LineFormat;
  #closed = false;
  #source: LogSource;
  #counts: LogCounts;

  constructor(stream: StreamName, store: LogStore, settings: StreamLogSettings) {
    this.#stream = stream;
    this.#store = store;
    this.#splitter = new LineSplitter((bytes) => this.#take(bytes));
    this.#source = this.#sourceOf(settings);
    this.#counts = this.#countsOf(settings);
    this.#format = this.#configure(settings);
    this.#tagged = this.#tagging(settings);
  }

  update(settings: StreamLogSettings): void {
    if (this.#closed) return;
    const before = this.#paths;
    this.#source = this.#sourceOf(settings);
    this.#counts = this.#countsOf(settings);
    this.#format = this.#configure(settings);
    this.#tagged = this.#tagging(settings);
    for (const path of before) this.#store.release(path);
  }

  /** Whose lines they are. */
  get source(): LogSource {
    return this.#source;
  }

  write(chunk: Buffer): void {
    this.#counts.bytes += chunk.length;
    if (this.#files.length > 0 || this.#store.lines !== undefined) this.#splitter.write(chunk);
  }

  /** What has come of a line that has not ended, and is in no file yet. */
  get unfinished(): Buffer {
    return this.#splitter.rest;
  }

  /** The files that it writes to. */
  get files(): readonly LogFile[] {
    return this.#files;
  }

  /** A file that wants readers to wait, if there is one. */
  get full(): LogFile | undefined {
    const lines = this.#store.lines;
    return this.#files.find((file) => file.full) ?? (lines?.full === true ? lines : undefined);
  }

  /** Writes an unfinished line, ended: no more is expected of it. */
  endLine(): void {
    this.#splitter.flush();
    for (const file of this.#files) file.endLine(this);
  }

  close(): void {
    this.endLine();
    this.#closed = true;
    for (const path of this.#paths) this.#store.release(path);
    this.#paths = [];
    this.#files = [];
  }

  #take(bytes: Buffer): void {
    this.#format(bytes, (formatted) => {
      for (const file of this.#files) file.append(formatted, this);
    });
    const { lines } = this.#store;
    if (lines !== undefined) this.#tagged(bytes, (tagged) => lines.append(tagged, this));
  }

  #sourceOf({ labels }: StreamLogSettings): LogSource {
    const { project, app } = labels;
    return { project, app, slot: slotOfLines(labels), stream: this.#stream === 'out' ? 'out' : 'err' };
  }

  #countsOf({ labels: { project, app } }: StreamLogSettings): LogCounts {
    return this.#store.usage.of(`${project}/${app}`);
  }

  #tagging({ labels }: StreamLogSettings): LineFormat {
    const { clock, scratch } = this.#store;
    return taggedFormat({ stream: this.#stream, labels, clock, scratch });
  }

  #configure({ labels, logs }: StreamLogSettings): LineFormat {
    const own = this.#stream === 'out' ? logs.outFile : logs.errorFile;
    const streams = [this.#stream === 'out' ? logs.outTo : logs.errorTo, logs.combinedTo];
    const shown = streams.map((stream) => (stream === undefined ? null : this.#store.streams[stream]));
    const paths = [own, logs.combinedFile, ...shown].filter((path) => path !== null);
    const app = `${labels.project}/${labels.app}`;
    const settings = { rotate: logs.rotate, json: logs.json, app };
    this.#paths = [...new Set(paths)];
    this.#files = this.#paths.map((path) => this.#store.acquire(path, settings));
    const { clock, scratch } = this.#store;
    return lineFormat(logs, { stream: this.#stream, labels, clock, scratch });
  }
}
