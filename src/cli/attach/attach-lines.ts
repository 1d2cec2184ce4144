import { createInterface, type Interface } from 'node:readline';
import { PassThrough } from 'node:stream';
import type { AppInput } from './app-input.ts';
import type { FollowedOutput } from './followed-output.ts';
import { DetachKeys } from './detach-keys.ts';

export interface LineSession {
  readonly stdin: NodeJS.ReadStream;
  readonly stdout: NodeJS.WriteStream;
  readonly detachKeys: Buffer;
  readonly output: FollowedOutput;
  /** Called when keys are taken. */
  readonly onAttached: () => void;
}

/** Every line of a pipe goes to the input of the process. */
export async function sendLines(stdin: NodeJS.ReadStream, input: AppInput): Promise<void> {
  const lines = createInterface({ input: stdin, terminal: false });
  process.once('SIGINT', () => lines.close());
  try {
    for await (const line of lines) await input.write(`${line}\n`);
  } finally {
    stdin.destroy();
  }
}

/**
 * Lines that are typed go to the input of the process (null: none do), and what it writes is shown above the line that is
 * being typed. Resolves after Ctrl-C, Ctrl-D or the keys that detach.
 */
export async function typeLines(session: LineSession, input: AppInput | null): Promise<void> {
  const { stdin, stdout, output } = session;
  const typed = new PassThrough();
  const lines = createInterface({ input: typed, output: stdout, terminal: true, prompt: '' });
  const close = (): void => lines.close();
  process.once('SIGTERM', close);
  process.once('SIGHUP', close);
  lines.on('SIGINT', close);
  const keys = new DetachKeys(session.detachKeys);
  stdin.setRawMode(true);
  stdin.on('data', (bytes: Buffer) => {
    const { passed, detaches } = keys.take(bytes);
    typed.write(passed);
    if (detaches) lines.close();
  });
  stdin.on('end', close);
  session.onAttached();
  const shown = showAbove(lines, session);
  try {
    for await (const line of lines) await input?.write(`${line}\n`);
  } finally {
    stdin.setRawMode(false);
    stdin.destroy();
    output.stop();
  }
  await shown;
}

/** Shows what the process writes, until Ctrl-C. */
export async function showLines({
  stdout,
  output,
  onAttached,
}: Pick<LineSession, 'stdout' | 'output' | 'onAttached'>): Promise<void> {
  process.once('SIGINT', output.stop);
  onAttached();
  for await (const line of output.lines) stdout.write(`${line}\n`);
}

async function showAbove(lines: Interface, { stdout, output }: LineSession): Promise<void> {
  for await (const line of output.lines) {
    stdout.write(`\r\x1b[K${line}\n`);
    lines.prompt(true);
  }
}
