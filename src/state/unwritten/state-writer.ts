import type { Cancel, Clock } from '../../lib/clocks/clock.ts';
import { splitAppKey } from '../../lib/app-key.ts';
import { Listeners } from '../../lib/listeners.ts';
import { formatSpan } from '../../lib/units.ts';
import type { AuditLog } from '../audit/audit-log.ts';
import type { Counters } from '../counters.ts';
import type { DesiredState } from '../desired-state.ts';
import type { KnownFiles } from '../disk/known-files.ts';
import type { StateLayout } from '../disk/layout.ts';
import { setAsideOne } from '../disk/set-aside.ts';
import type { WriteProblem } from '../disk/state-failures.ts';
import type { EventFilesDone, EventLog, NewEvent } from '../events/event-log.ts';
import type { SerialQueue } from '../serial-queue.ts';
import type { Unwritten } from '../store.ts';
import { StateKeeper } from './state-keeper.ts';
import { troubleText, WriteTrouble, type Trouble, type WrittenPart } from './write-trouble.ts';

export interface StateWriterOptions {
  readonly layout: StateLayout;
  readonly known: KnownFiles;
  readonly clock: Clock;
  readonly readOnly: boolean;
  readonly enqueue: SerialQueue;
  readonly desired: DesiredState;
  readonly counters: Counters;
  readonly events: EventLog;
  readonly audit: Pick<AuditLog, 'writeAgain' | 'isBehind'>;
  readonly appendEvent: (event: NewEvent) => void;
  readonly onError: (error: unknown) => void;
}

/** Sees to it that the disk comes to hold what memory does, whatever becomes of the disk, and says when it does not. */
export class StateWriter {
  readonly #options: StateWriterOptions;
  readonly #trouble: WriteTrouble;
  readonly #keeper: StateKeeper | null;
  readonly #followers: Listeners<Unwritten | null>;
  #closed = false;

  constructor(options: StateWriterOptions) {
    const { clock, enqueue, known, events, onError, readOnly } = options;
    this.#options = options;
    this.#followers = new Listeners(onError);
    this.#trouble = new WriteTrouble({
      clock,
      retry: () => enqueue(() => this.#writeAll()),
      onChange: (trouble, lastedMs) => this.#tell(trouble, lastedMs),
    });
    this.#keeper = readOnly
      ? null
      : new StateKeeper({
          ...{ clock, known, enqueue },
          onChanged: (paths) => this.#mend(paths),
          onLooked: async () => {
            const done = await events.look();
            if (done !== null) this.#looked(done);
          },
        });
  }

  unwritten(): Unwritten | null {
    const trouble = this.#trouble.current;
    return trouble === null ? null : { ...trouble, apps: this.#options.desired.unwritten() };
  }

  follow(listener: (unwritten: Unwritten | null) => void): Cancel {
    return this.#followers.add(listener);
  }

  /** How the last write of a part went; null: all of it is on disk. */
  report(part: WrittenPart, problem: WriteProblem | null): void {
    this.#trouble.report(part, problem);
  }

  /** The same of projects. A commit that was refused has left nothing that is missing on disk. */
  reportProjects(problem: WriteProblem | null): void {
    const wasInTrouble = this.#trouble.current !== null;
    if (!this.#options.desired.isBehind) this.report('projects', null);
    else if (problem !== null) this.report('projects', problem);
    if (wasInTrouble) this.#followers.tell(this.unwritten());
  }

  /** Tries to write everything; resolves with what is left. */
  async settle(): Promise<Unwritten | null> {
    await this.#options.counters.flushNow();
    if (this.#trouble.current !== null) await this.#options.enqueue(() => this.#writeAll());
    return this.unwritten();
  }

  close(): void {
    this.#closed = true;
    this.#options.counters.close();
    this.#trouble.close();
    this.#keeper?.close();
    this.#followers.clear();
  }

  async #writeAll(): Promise<void> {
    const { desired, counters, events, audit } = this.#options;
    if (this.#closed) return;
    if (audit.isBehind) this.report('audit', await audit.writeAgain());
    this.reportProjects(await desired.writeAgain());
    await counters.write();
    events.writeAgain();
  }

  #tell(trouble: Trouble | null, lastedMs: number): void {
    const message = trouble === null ? this.#writtenText(lastedMs) : troubleText(trouble);
    this.#options.onError(new Error(message));
    // It may be the log of events itself that tells of it.
    setImmediate(() => {
      if (this.#closed) return;
      if (trouble === null) this.#append('info', 'StateWritten', message);
      else this.#append('warning', 'StateUnwritten', message);
      this.#followers.tell(this.unwritten());
    });
  }

  #writtenText(lastedMs: number): string {
    const left = this.#options.events.takeLeft();
    const lost = left === 0 ? '' : `; ${left} events in between were too many to be kept`;
    return `everything is written again, after ${formatSpan(lastedMs)}${lost}`;
  }

  /** What somebody else has removed or written is put out of the way, and written again as it is known. */
  async #mend(paths: readonly string[]): Promise<void> {
    const { known, clock, onError } = this.#options;
    for (const path of paths) {
      known.forget(path);
      await setAsideOne(path, clock.now()).catch(onError);
      this.#lost(path);
      const message = `${path} was removed or written by somebody else: it is written again as it was`;
      this.#repaired(message);
    }
    await this.#writeAll();
  }

  #lost(path: string): void {
    const { layout, desired, counters } = this.#options;
    const project = [...desired.projects.keys()].find((name) => layout.projectFile(name) === path);
    if (project !== undefined) desired.lost(project);
    else if (path === layout.ids) counters.lost(null);
    else {
      const counted = counters.histories().map(({ key }) => splitAppKey(key).project);
      for (const name of new Set(counted)) if (layout.historyFile(name) === path) counters.lost(name);
    }
  }

  #repaired(message: string): void {
    this.#options.onError(new Error(message));
    this.#append('warning', 'StateRepaired', message);
  }

  #looked({ level, reason, message }: EventFilesDone): void {
    if (level !== 'info') this.#options.onError(new Error(message));
    this.#append(level, reason, message);
  }

  #append(level: NewEvent['level'], reason: NewEvent['reason'], message: string): void {
    const at = this.#options.clock.now();
    this.#options.appendEvent({
      ...{ at, level, reason, message },
      ...{ key: null, slot: null, pid: null, generation: null },
    });
  }
}
