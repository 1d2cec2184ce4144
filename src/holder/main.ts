/**
 * Keeps the sockets that apps declare, for the next runner: `node holder.cjs <path of the socket where runners are found>`.
 * It takes nothing from them and serves nobody. A runner starts it, with a channel, when the first app declares a socket.
 */
import { existsSync } from 'node:fs';
import { dirname } from 'node:path';
import { comeBack } from '../agent/handover/come-back.ts';
import { reconnect } from '../agent/handover/reconnect.ts';
import { outliveParent } from '../agent/parent-channel.ts';
import { isCommand } from '../agent/protocol.ts';
import {
  ALL_KEPT,
  END,
  HOLDER_VARIABLE,
  KEEP,
  KEPT,
  LET_GO,
  type AllKeptMessage,
  type KeptMessage,
} from './messages.ts';

interface Handle {
  close(): void;
}

interface Kept {
  readonly state: unknown;
  readonly handle: Handle;
}

type Send = (message: object, handle: Handle | undefined, options: object, done: () => void) => boolean;

/** How often to look whether there is a home left whose runner could come. */
const LOOK_MS = 5_000;

const [path] = process.argv.slice(2);
const nonce = process.env[HOLDER_VARIABLE];
const kept = new Map<string, Kept>();

if (path === undefined || nonce === undefined || process.send === undefined) {
  process.stderr.write('usage: the runner starts this program\n');
  process.exit(64);
}
const place = path;
const proof = nonce;
// As it was made: every later channel works through it as well.
const send = process.send.bind(process) as unknown as Send;
process.title = 'stateward sockets';
process.chdir('/');
// Of a terminal that it has nothing to do with.
process.on('SIGHUP', () => undefined);

(process as NodeJS.EventEmitter).on('internalMessage', (message: unknown, handle?: Handle) => {
  // Node says the same of a handle that is on its way, to itself.
  if (isCommand(message, KEEP) && typeof message['key'] === 'string' && handle !== undefined) {
    letGo(message['key']);
    kept.set(message['key'], { state: message['state'], handle });
  }
  if (isCommand(message, LET_GO) && typeof message['key'] === 'string') letGo(message['key']);
  if (isCommand(message, END)) process.exit(0);
});
const parent = outliveParent(process, lookForRunner);
lookForHome();

function letGo(key: string): void {
  kept.get(key)?.handle.close();
  kept.delete(key);
}

/** Until the next runner is there. */
function lookForRunner(): void {
  if (kept.size === 0) process.exit(0);
  const way = { path: place, nonce: proof };
  const keeps = (): boolean => true;
  const knock = (again: () => void): void => {
    reconnect({ target: process, ...way, keeps, onChannel: giveBack, again });
  };
  comeBack({ path: place, keeps, hurried: true, knock });
}

function giveBack(): void {
  parent?.renewed();
  for (const [key, { state, handle }] of kept) {
    say({ cmd: KEPT, key, state } satisfies KeptMessage, handle);
  }
  say({ cmd: ALL_KEPT } satisfies AllKeptMessage);
}

function say(message: object, handle?: Handle): void {
  send(message, handle, { keepOpen: true }, () => undefined);
}

function lookForHome(): void {
  setInterval(() => {
    if (!process.connected && !existsSync(dirname(place))) process.exit(0);
  }, LOOK_MS);
}
