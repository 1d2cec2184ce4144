import { readdirSync, readFileSync, readlinkSync } from 'node:fs';
import { portName } from '../../spec/ports/port-claims.ts';
import type { Protocol } from '../../spec/ports/slot-ports.ts';
import { parseStat, processTrees, type ProcessRow } from '../usage/process-tree.ts';
import { userName } from './process-info.ts';
import { isLocalAddress, listenersFor, readListenTable } from './listen-table.ts';

/** Who answers on a port of this host. */
export type PortOwner =
  /** A process of the instance. */
  | { readonly kind: 'own' }
  | {
      readonly kind: 'stranger';
      readonly pid: number;
      readonly nonce: string | null;
      readonly command: string;
      /** Absent: it cannot be told. */
      readonly user?: string;
    }
  /** Nobody listens. */
  | { readonly kind: 'nobody' }
  /** Somebody does, and the host does not say who. */
  | {
      readonly kind: 'unknown';
      /** Whose the socket is; absent: that is not told either. */
      readonly uid?: number;
    }
  /** The address is not one of this host. */
  | { readonly kind: 'elsewhere' };

export interface PortOwnerQuery {
  readonly host: string;
  readonly port: number;
  /** Absent: TCP. */
  readonly protocol?: Protocol | undefined;
  /** The instance: its main process (null: it has ended), and the mark in the environment of all that it starts. */
  readonly pid: number | null;
  readonly nonce: string;
}

/** Where a process has a socket open: as long as the link says the same, it has. */
interface Held {
  readonly link: string;
  readonly target: string;
}

type Stranger = Extract<PortOwner, { kind: 'stranger' }>;

/** Processes read before the event loop gets its turn again. */
const SLICE = 16;
/**
 * This long an answer about a stranger is kept: finding it takes a walk through every process of the host.
 */
const STRANGER_MS = 2_000;
const NONCE_NAME = 'STATEWARD_INSTANCE=';

/** Finds the owner of the socket that answers on a port, from /proc. */
export class PortOwners {
  readonly #monotonic: () => number;
  readonly #proc: string;
  readonly #held = new Map<string, Held>();
  readonly #strangers = new Map<string, { readonly until: number; readonly found: Stranger | null }>();

  /** `monotonic`: milliseconds on a clock that does not jump. */
  constructor(monotonic: () => number, proc = '/proc') {
    this.#monotonic = monotonic;
    this.#proc = proc;
  }

  async find(query: PortOwnerQuery): Promise<PortOwner> {
    const { host, port, nonce, protocol = 'tcp' } = query;
    const id = `${nonce} ${host} ${portName(port, protocol)}`;
    if (this.#stillHeld(id)) return { kind: 'own' };
    if (!isLocalAddress(host)) return { kind: 'elsewhere' };
    const table = await readListenTable(this.#proc, protocol);
    if (table === null) return { kind: 'unknown' };
    const listeners = listenersFor(table, host, port);
    const [first] = listeners;
    if (first === undefined) return { kind: 'nobody' };
    const targets = new Set(listeners.map(({ inode }) => `socket:[${inode}]`));
    const main = query.pid === null ? [] : [query.pid];
    const own = this.#holder(main, targets) ?? this.#holder(await this.#processesOf(query), targets);
    if (own === null) return (await this.#stranger(targets)) ?? { kind: 'unknown', uid: first.uid };
    this.#held.set(id, own);
    return { kind: 'own' };
  }

  #stillHeld(id: string): boolean {
    const held = this.#held.get(id);
    if (held === undefined) return false;
    if (this.#linkOf(held.link) === held.target) return true;
    for (const [other, { link, target }] of this.#held) {
      if (this.#linkOf(link) !== target) this.#held.delete(other);
    }
    return false;
  }

  /** The first of these processes that has one of the sockets open, as far as we may look. */
  #holder(pids: Iterable<number>, targets: ReadonlySet<string>): Held | null {
    for (const pid of pids) {
      const folder = `${this.#proc}/${pid}/fd`;
      for (const name of this.#namesIn(folder)) {
        const target = this.#linkOf(`${folder}/${name}`);
        if (target !== null && targets.has(target)) return { link: `${folder}/${name}`, target };
      }
    }
    return null;
  }

  /** Those of its session, its descendants, and what carries its mark. */
  async #processesOf({ pid, nonce }: PortOwnerQuery): Promise<readonly number[]> {
    const rows: ProcessRow[] = [];
    const marked: number[] = [];
    await this.#eachProcess((other) => {
      const row = parseStat(other, this.#textOf(`${other}/stat`));
      if (row !== null) rows.push(row);
      if (this.#nonceOf(other) === nonce) marked.push(other);
    });
    const tree = pid === null ? [] : (processTrees([pid], rows).get(pid) ?? []);
    return [...new Set([...tree.map((row) => row.pid), ...marked])];
  }

  /** Null: none of those that we may look at. Of several that share the socket one that belongs to an app is named. */
  async #stranger(targets: ReadonlySet<string>): Promise<Stranger | null> {
    const id = [...targets].join(' ');
    const known = this.#strangers.get(id);
    if (known !== undefined && this.#monotonic() < known.until) return known.found;
    let found: Stranger | null = null;
    await this.#eachProcess((pid) => {
      if (found?.nonce != null || this.#holder([pid], targets) === null) return;
      const nonce = this.#nonceOf(pid);
      if (found === null || nonce !== null) {
        const user = this.#userOf(pid);
        const command = commandOf(this.#textOf(`${pid}/cmdline`));
        found = { kind: 'stranger', pid, nonce, command, ...(user !== null && { user }) };
      }
    });
    this.#strangers.clear();
    this.#strangers.set(id, { until: this.#monotonic() + STRANGER_MS, found });
    return found;
  }

  async #eachProcess(look: (pid: number) => void): Promise<void> {
    const pids = this.#namesIn(this.#proc).filter((name) => /^\d+$/.test(name));
    for (const [index, pid] of pids.entries()) {
      if (index % SLICE === SLICE - 1) await new Promise((resolve) => setImmediate(resolve));
      look(Number(pid));
    }
  }

  #nonceOf(pid: number): string | null {
    const mark = this.#textOf(`${pid}/environ`)
      .split('\0')
      .find((text) => text.startsWith(NONCE_NAME));
    return mark?.slice(NONCE_NAME.length) ?? null;
  }

  #userOf(pid: number): string | null {
    const uid = /^Uid:\s*\d+\s+(\d+)/m.exec(this.#textOf(`${pid}/status`))?.[1];
    return uid === undefined ? null : userName(Number(uid));
  }

  #namesIn(folder: string): readonly string[] {
    try {
      return readdirSync(folder);
    } catch {
      return [];
    }
  }

  #linkOf(path: string): string | null {
    try {
      return readlinkSync(path);
    } catch {
      return null;
    }
  }

  #textOf(path: string): string {
    try {
      return readFileSync(`${this.#proc}/${path}`, 'latin1');
    } catch {
      return '';
    }
  }
}

const COMMAND_LENGTH = 80;

function commandOf(cmdline: string): string {
  const words = cmdline.split('\0').join(' ').trim();
  return words.length > COMMAND_LENGTH ? `${words.slice(0, COMMAND_LENGTH - 1)}…` : words;
}
