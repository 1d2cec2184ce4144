import { createInterface } from 'node:readline/promises';
import type { OutputStream } from '../views/text/terminal.ts';

/** Asks a yes/no question on the terminal; anything but y or yes is no, and so is the end of input. */
export async function confirm(question: string, stream: OutputStream): Promise<boolean> {
  stream.write(`${question} [y/N] `);
  const lines = createInterface({ input: process.stdin });
  try {
    for await (const line of lines) return /^y(es)?$/i.test(line.trim());
    return false;
  } finally {
    lines.close();
  }
}
