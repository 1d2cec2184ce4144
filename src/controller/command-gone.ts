import { rmSync } from 'node:fs';
import { Socket } from 'node:net';
import { homeLayout } from '../home/layout.ts';
import { namedHolder } from '../home/silent.ts';
import { untilEnded } from '../home/until-ended.ts';
import { systemClock } from '../lib/clocks/clock.ts';

/** Nobody waits for it: as long as its apps may take to end. */
const RUNNER_END_MS = 60_000;

/** The connection that the command which has started this process holds for as long as it lives. */
const COMMAND_FD = 3;

/** Fires when that command has gone, however it ended. */
export function commandGone(): AbortSignal {
  const gone = new AbortController();
  const socket = new Socket({ fd: COMMAND_FD, readable: true, writable: false });
  socket.on('error', () => gone.abort());
  socket.on('close', () => gone.abort());
  socket.resume();
  socket.unref();
  return gone.signal;
}

/** Takes away a home that nobody else has, unless its runner still has something to look after. */
export async function removeOwnHome(home: string): Promise<void> {
  const { runnerLock } = homeLayout(home);
  const runner = namedHolder(runnerLock) ?? undefined;
  const hasEnded = await untilEnded([runner], systemClock, RUNNER_END_MS);
  if (hasEnded) rmSync(home, { recursive: true, force: true });
}
