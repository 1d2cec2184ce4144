import { statfsSync, statSync, writevSync, type BigIntStats } from 'node:fs';
import type { Clock } from '../../lib/clocks/clock.ts';

/** Magic numbers of file systems of this host, see statfs(2): ext, XFS, Btrfs, tmpfs, overlay, F2FS, ZFS, bcachefs. */
const LOCAL: readonly number[] = [
  0xef53, 0x5846_5342, 0x9123_683e, 0x0102_1994, 0x794c_7630, 0xf2f5_2010, 0x2fc1_2fc1, 0xca45_1a4e,
];
/** A write that took longer has waited for the disk, or for its turn: it is not to be waited for again soon. */
const SLOW_MS = 10;
const FIRST_REST_MS = 1_000;
const LAST_REST_MS = 60_000;

export interface NearDiskOptions {
  readonly clock: Pick<Clock, 'monotonic'>;
  /** The home's own folder for logs. */
  readonly folder: string;
  /** Left out: those of the host. */
  readonly host?: {
    readonly write: (fd: number, batch: readonly Buffer[]) => number;
    /** The device of a folder that is on a disk of this host; null: it is not, or not there. */
    readonly deviceOf: (folder: string) => bigint | null;
  };
}

/**
 * The disk that the home is on. The runner writes to it and waits for it with every start of a process, so it may with what
 * apps write: mostly the system takes that into memory at once, and to hand it to another thread and back takes ten times
 * as long. A disk that has made us wait once gets its lines by other threads for a while, as every other disk does always.
 *
 *   at once ──a write was slow──▶ by threads ──time over──▶ at once
 *                                   (twice as long each time, until one stays quick for so long)
 */
export class NearDisk {
  readonly #options: NearDiskOptions;
  readonly #host: NonNullable<NearDiskOptions['host']>;
  #device: bigint | null | undefined;
  #restMs = FIRST_REST_MS;
  /** On the monotonic clock. */
  #restsUntil = -Infinity;

  constructor(options: NearDiskOptions) {
    this.#options = options;
    this.#host = options.host ?? { write: writevSync, deviceOf: deviceOf };
  }

  /** Appends to an open plain file of these stats, at once; null: that is to be left to another thread. Throws the system's error. */
  write(
    file: { readonly fd: number; readonly stats: Pick<BigIntStats, 'dev'> },
    batch: readonly Buffer[],
  ): number | null {
    const { clock, folder } = this.#options;
    const before = clock.monotonic();
    if (before < this.#restsUntil) return null;
    this.#device ??= this.#host.deviceOf(folder);
    if (this.#device !== file.stats.dev) return null;
    try {
      return this.#host.write(file.fd, batch);
    } finally {
      this.#took(before, clock.monotonic());
    }
  }

  #took(before: number, after: number): void {
    if (after - before > SLOW_MS) {
      this.#restsUntil = after + this.#restMs;
      this.#restMs = Math.min(LAST_REST_MS, 2 * this.#restMs);
    } else if (after > this.#restsUntil + this.#restMs) this.#restMs = FIRST_REST_MS;
  }
}

function deviceOf(folder: string): bigint | null {
  try {
    return LOCAL.includes(statfsSync(folder).type) ? statSync(folder, { bigint: true }).dev : null;
  } catch {
    return null;
  }
}
