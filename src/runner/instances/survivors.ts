import { isAlive, type ProcessEntry, type Processes } from '../processes/processes.ts';

export interface Survivors {
  /** Carry the nonce of the instance: ours to end. */
  readonly proven: readonly ProcessEntry[];
  /** In its process group, but without proof: only to be named. */
  readonly unproven: readonly ProcessEntry[];
}

/** Looks for what an instance has left on the host. */
export class SurvivorSearch {
  readonly #processes: Processes;
  #next: Promise<readonly ProcessEntry[]> | undefined;
  #running: Promise<unknown> = Promise.resolve();

  constructor(processes: Processes) {
    this.#processes = processes;
  }

  /** Everything but the main process `pid` that carries `nonce` or is in its group. */
  async find(nonce: string, pid: number): Promise<Survivors> {
    const others = (await this.#scan()).filter((entry) => entry.pid !== pid);
    return {
      proven: others.filter((entry) => entry.nonce === nonce),
      unproven: others.filter((entry) => entry.group === pid && entry.nonce !== nonce),
    };
  }

  stillAlive(entries: readonly ProcessEntry[]): readonly ProcessEntry[] {
    const { bootId } = this.#processes;
    return entries.filter(({ pid, startTime }) => isAlive(this.#processes, { pid, startTime, bootId }));
  }

  /** Who asks while a scan runs gets the next one: the running one may have passed the process already. */
  #scan(): Promise<readonly ProcessEntry[]> {
    if (this.#next !== undefined) return this.#next;
    const next = this.#running.then(() => {
      this.#next = undefined;
      return this.#processes.scan();
    });
    this.#next = next;
    this.#running = next.catch(() => undefined);
    return next;
  }
}
