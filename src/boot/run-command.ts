import { spawn } from 'node:child_process';
import type { Command } from './service.ts';

const COMMAND_LIMIT_MS = 60_000;

/** What a command of the init system came to. */
export interface Ran {
  /** null: it could not be run, or a signal ended it. */
  readonly code: number | null;
  /** What it printed, both streams. */
  readonly output: string;
}

export type Run = (command: Command) => Promise<Ran>;

/** Runs a command of this host, with a bound. */
export async function runCommand([program = '', ...args]: Command): Promise<Ran> {
  const child = spawn(program, args, { stdio: ['ignore', 'pipe', 'pipe'], timeout: COMMAND_LIMIT_MS });
  let output = '';
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding('utf8');
    stream.on('data', (text: string) => (output += text));
  }
  return new Promise((resolve) => {
    child.once('error', (error) => resolve({ code: null, output: error.message }));
    child.once('close', (code) => resolve({ code, output: output.trim() }));
  });
}
