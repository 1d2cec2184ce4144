import type { ListenHandle, ListeningServer } from './cluster-hook.ts';

/** So long the others have to take what waits. Less, and they have not even woken up on a busy host. */
const TURN_MS = 0.2;
/**
 * A loop that has waited for so long since it accepted last has met the end of what came at once. With more, what had most
 * of one burst would count from there in the next that follows at once, and have more of each.
 */
const QUIET_MS = 1;
/** Of so many connections each is a turn; of more, each so many-th part. */
const TURNS = 64;

/**
 * Makes a process that is given a connection leave the next one to the others that wait at the same socket.
 *
 * The kernel wakes all of them, and the one that is awake first takes another with each turn of its loop: of connections
 * that come at once and stay, it may get nearly all. A process that has more open than it has had since it was last idle
 * sleeps for a moment, in which the others come up. Connections that come and go raise no count for long, and cost nothing.
 */
export function takeTurns(server: ListeningServer, handle: ListenHandle): void {
  const onconnection: unknown = Reflect.get(handle, 'onconnection');
  if (typeof onconnection !== 'function' || typeof server._connections !== 'number') return;
  const { nodeTiming } = process.getBuiltinModule('node:perf_hooks').performance;
  const cell = new Int32Array(new SharedArrayBuffer(Int32Array.BYTES_PER_ELEMENT));
  let most = 0;
  let idle = -Infinity;
  const value = function (this: unknown, ...args: unknown[]): unknown {
    const result: unknown = Reflect.apply(onconnection, this, args);
    const open = server._connections ?? 0;
    const { idleTime } = nodeTiming;
    if (idleTime - idle > QUIET_MS) most = open;
    else if (open > most) {
      most = open + Math.floor(open / TURNS);
      Atomics.wait(cell, 0, 0, TURN_MS);
    }
    idle = idleTime;
    return result;
  };
  Reflect.set(handle, 'onconnection', value);
}
