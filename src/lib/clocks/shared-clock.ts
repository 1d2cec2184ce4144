import { readFileSync, readlinkSync } from 'node:fs';

/**
 * Milliseconds on a clock that every process of a host reads alike until the host is started again, and that no change
 * of the time moves. A time limit that another process is to keep is written in it.
 */
export function sharedNow(): number {
  return Number(process.hrtime.bigint() / 1_000n) / 1_000;
}

let name: string | undefined;

/** Names the clock: two processes can compare their times when theirs have one name. */
export function sharedClockName(): string {
  name ??= [read(() => readFileSync(BOOT_ID, 'latin1')), read(() => readlinkSync(TIME_NAMESPACE))].join('');
  return name;
}

/** Other systems than Linux have one clock a host; a daemon of another host is not reached over a Unix socket there. */
const BOOT_ID = '/proc/sys/kernel/random/boot_id';
const TIME_NAMESPACE = '/proc/self/ns/time';

function read(what: () => string): string {
  try {
    return what().replaceAll(/[^\w-]/g, '');
  } catch {
    return '';
  }
}
