import type { ReadStream, WriteStream } from 'node:tty';
import { DetachKeys } from './detach-keys.ts';
import { openTerminalLink, type TerminalLink } from './terminal-link.ts';
import { TerminalModes } from './terminal-modes.ts';

export interface TerminalSession {
  /** Of the terminal. */
  readonly socket: string;
  /** `shop/repl:0`. */
  readonly name: string;
  readonly detachKeys: Buffer;
  /** Nothing is typed, and the size is left to others. */
  readonly readOnly: boolean;
  readonly stdin: NodeJS.ReadStream;
  readonly stdout: NodeJS.WriteStream;
  /** Called when every key goes to the app. */
  readonly onAttached: () => void;
}

/** `sent`: all of a pipe was typed; `ended`: the terminal is gone; `signal`: we were asked to end. */
export type SessionEnd =
  | { readonly kind: 'detached' }
  | { readonly kind: 'sent' }
  | { readonly kind: 'ended' }
  | { readonly kind: 'signal'; readonly signal: NodeJS.Signals };

const CTRL_C = 3;
const CTRL_D = 4;

/**
 * Brings the terminal of an app to this one, until the keys that detach are typed or the app has ended. From a pipe,
 * everything is typed and nothing shown, and that is the end. Whatever happens, this terminal is left as it was found.
 */
export async function attachTerminal(session: TerminalSession): Promise<SessionEnd> {
  const { stdin, stdout, readOnly } = session;
  const link = await openTerminalLink(session.socket, session.name);
  if (!stdin.isTTY && !readOnly) return sendAll(stdin, link);
  const modes = new TerminalModes();
  const end = new EndOnce();
  const undo = [endOnSignals(end), followKeys(session, link, end), followSize(session, link)];
  session.onAttached();
  const showing = show(link, stdout, modes).then(
    () => end.with({ kind: 'ended' }),
    (error: unknown) => end.failed(error),
  );
  try {
    return await end.reached;
  } finally {
    link.close();
    for (const step of undo) step();
    await showing;
    if (stdout.isTTY) stdout.write(modes.restored());
    stdin.destroy();
  }
}

/** The first end counts. */
class EndOnce {
  readonly reached: Promise<SessionEnd>;
  #resolve: (end: SessionEnd) => void = () => undefined;
  #reject: (error: unknown) => void = () => undefined;

  constructor() {
    this.reached = new Promise((resolve, reject) => {
      this.#resolve = resolve;
      this.#reject = reject;
    });
  }

  with(end: SessionEnd): void {
    this.#resolve(end);
  }

  failed(error: unknown): void {
    this.#reject(error);
  }
}

async function sendAll(stdin: NodeJS.ReadStream, link: TerminalLink): Promise<SessionEnd> {
  for await (const chunk of stdin) await link.type(Buffer.from(chunk as Buffer));
  link.finish();
  for await (const _ of link.shown);
  return { kind: 'sent' };
}

async function show(link: TerminalLink, stdout: NodeJS.WriteStream, modes: TerminalModes): Promise<void> {
  for await (const bytes of link.shown) {
    modes.watch(bytes);
    if (!stdout.write(bytes)) await new Promise<void>((resolve) => stdout.once('drain', resolve));
  }
}

function endOnSignals(end: EndOnce): () => void {
  const signals = ['SIGTERM', 'SIGHUP', 'SIGINT'] as const;
  const listeners = signals.map((signal) => [signal, () => end.with({ kind: 'signal', signal })] as const);
  for (const [signal, listener] of listeners) process.on(signal, listener);
  return () => {
    for (const [signal, listener] of listeners) process.off(signal, listener);
  };
}

function followKeys(
  { stdin, detachKeys, readOnly }: TerminalSession,
  link: TerminalLink,
  end: EndOnce,
): () => void {
  if (!isTerminal(stdin)) return () => undefined;
  const keys = new DetachKeys(detachKeys);
  stdin.setRawMode(true);
  stdin.on('data', (bytes: Buffer) => {
    const { passed, detaches } = keys.take(bytes);
    const leaves = readOnly && (bytes.includes(CTRL_C) || bytes.includes(CTRL_D));
    if (!readOnly && passed.length > 0) void link.type(passed);
    if (detaches || leaves) end.with({ kind: 'detached' });
  });
  stdin.on('end', () => end.with({ kind: 'detached' }));
  return () => stdin.setRawMode(false);
}

/** Whoever types says how large the terminal is; of several, whoever said it last. */
function followSize({ stdout, readOnly }: TerminalSession, link: TerminalLink): () => void {
  if (readOnly || !isScreen(stdout)) return () => undefined;
  // Some terminals do not know how large they are.
  const tell = (): void => {
    if (stdout.rows > 0 && stdout.columns > 0) link.resize({ rows: stdout.rows, columns: stdout.columns });
  };
  tell();
  stdout.on('resize', tell);
  return () => stdout.off('resize', tell);
}

function isTerminal(stream: NodeJS.ReadStream): stream is ReadStream {
  return stream.isTTY;
}

function isScreen(stream: NodeJS.WriteStream): stream is WriteStream & NodeJS.WriteStream {
  return stream.isTTY;
}
