import type { Ending } from '../instances/background-rules.ts';
import type { InstanceState } from './instance-state.ts';
import type { MissingLines } from '../logs/counts/dropped-lines.ts';
import type { OutputState } from '../output/instance-output.ts';
import type { DeclaredState } from '../activation/activation-sockets.ts';
import type { SocketState } from '../sockets/shared-sockets.ts';

/**
 * What a runner and the one that is to take its place say to each other, over the IPC channel of Node. Both may be of
 * any build: fields are only ever added, and each passes over what it does not know.
 *
 *   successor                         predecessor
 *   prepared ───────────────────────▶            it is loaded, and can read the ledger
 *            ◀── instance, channel, socket, restore      orders wait from here on, and ends are told
 *   restored ───────────────────────▶            it has found every process; nothing is read twice yet
 *            ◀────────── output, commit          the outputs stand still, and nobody listens
 *   serving  ───────────────────────▶            (ends)
 *
 * Whatever goes wrong before `serving`, the predecessor ends the successor and goes on as if nothing had been.
 */
export type FromSuccessor =
  | {
      readonly kind: 'prepared';
      /** Of controller and runner: an older one than the predecessor's is not let in. */
      readonly protocol: number;
      readonly version: string;
      readonly build: string;
    }
  | { readonly kind: 'restored' }
  /** `instances`: how many processes it has taken over. */
  | { readonly kind: 'serving'; readonly instances: number }
  | { readonly kind: 'failed'; readonly message: string };

export type ToSuccessor =
  | { readonly kind: 'instance'; readonly state: InstanceState }
  /** The descriptor comes along. `rest`: what was read of a message that has not ended, base64. */
  | { readonly kind: 'channel'; readonly nonce: string; readonly rest: string }
  /** The socket comes along. */
  | { readonly kind: 'socket'; readonly socket: SocketState }
  /** A socket that an app declares; it comes along. */
  | { readonly kind: 'declared-socket'; readonly socket: DeclaredState }
  /** All of the above has been said. */
  | { readonly kind: 'restore'; readonly parked: boolean; readonly leaveWhenEmpty: boolean }
  | { readonly kind: 'output'; readonly nonce: string; readonly output: OutputState }
  /** `missing`: lines that are in no log file, by the path of it. */
  | { readonly kind: 'commit'; readonly missing: Readonly<Record<string, MissingLines>> }
  /** A process that only the predecessor, its parent, sees end. */
  | { readonly kind: 'ended'; readonly nonce: string; readonly ending: Ending }
  /** No controller is to be started. */
  | { readonly kind: 'park' }
  /** In the place of all that: a predecessor that cannot do this is to be killed, and then taken over from. */
  | { readonly kind: 'replace'; readonly pid: number };

/** The flag of the runner's program that makes it a successor. */
export const SUCCEED_FLAG = '--succeed';
/** The first of the descriptors under which a successor has the lock of the home, where the kernel holds that. */
export const FIRST_LOCK_FD = 4;
