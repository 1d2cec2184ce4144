import { getSystemErrorName } from 'node:util';
import { isPlainPath, replyReader, requestText, type RawQuestion, type RawReply } from './raw-reply.ts';

/**
 * What `node:net` is made of. Loading `node:net` and making a stream of a connection costs a command a quarter of what Node
 * itself takes to start (6 ms of 24); this costs nothing that can be measured.
 */
interface Connecting {
  oncomplete: (status: number) => void;
}

interface Connection {
  onread: (data: ArrayBuffer | undefined) => void;
  connect(request: Connecting, path: string): number | undefined;
  readStart(): number;
  writeUtf8String(request: Connecting, text: string): number;
  close(): void;
}

interface Parts {
  readonly Pipe: new (kind: number) => Connection;
  readonly PipeConnectWrap: new () => Connecting;
  readonly WriteWrap: new () => Connecting;
  readonly socketKind: number;
  /** Node puts the size of what was read, or the error, and where it begins, into these places. */
  readonly state: Readonly<Record<number, number>>;
  readonly sizePlace: number;
  readonly offsetPlace: number;
}

/**
 * A GET over a Unix socket without `node:net`; null: this Node does not have the parts, or would say something about their
 * use, and `rawGet` is to be taken. It rejects as `rawGet` does.
 */
export function pipeGet(socketPath: string, path: string, timeoutMs: number): Promise<RawReply> | null {
  return pipeRequest(socketPath, { method: 'GET', path }, timeoutMs);
}

/** The same for any request. */
export function pipeRequest(
  socketPath: string,
  question: RawQuestion,
  timeoutMs: number,
): Promise<RawReply> | null {
  const text = isPlainPath(question.path) ? requestText(question) : null;
  const parts = text === null ? null : findParts();
  if (parts === null || text === null) return null;
  return new Promise((resolve, reject) => {
    const pipe = new parts.Pipe(parts.socketKind);
    const reader = replyReader();
    let isOpen = true;
    const end = (act: () => void): void => {
      if (!isOpen) return;
      isOpen = false;
      clearTimeout(timer);
      pipe.close();
      try {
        act();
      } catch (error) {
        reject(error instanceof Error ? error : new Error(String(error)));
      }
    };
    const fail = (status: number): void => end(() => reject(systemError(status)));
    const timer = setTimeout(() => end(() => reject(new Error('the daemon does not answer'))), timeoutMs);
    const read = (data: ArrayBuffer | undefined): void => {
      const size = parts.state[parts.sizePlace] ?? 0;
      if (size === 0) return;
      if (size < 0 || data === undefined) {
        end(() => resolve(reader.reply()));
        return;
      }
      timer.refresh();
      const chunk = Buffer.from(data, parts.state[parts.offsetPlace] ?? 0, size);
      try {
        if (reader.add(chunk)) end(() => resolve(reader.reply()));
      } catch (error) {
        end(() => reject(error instanceof Error ? error : new Error(String(error))));
      }
    };
    const connecting = new parts.PipeConnectWrap();
    connecting.oncomplete = (status) => {
      if (!isOpen) return;
      if (status < 0) {
        fail(status);
        return;
      }
      pipe.onread = read;
      pipe.readStart();
      const writing = new parts.WriteWrap();
      writing.oncomplete = (written) => {
        if (written < 0) fail(written);
      };
      const sent = pipe.writeUtf8String(writing, text);
      if (sent < 0) fail(sent);
    };
    const began = pipe.connect(connecting, socketPath) ?? 0;
    if (began < 0) fail(began);
  });
}

function systemError(status: number): Error {
  const code = getSystemErrorName(status);
  return Object.assign(new Error(`connect ${code}`), { code });
}

/** A Node that is told to warn of what will go would do so. */
function warns(): boolean {
  const flags = [...process.execArgv, process.env['NODE_OPTIONS'] ?? ''].join(' ');
  return process.env['NODE_PENDING_DEPRECATION'] === '1' || /deprecation/.test(flags);
}

function findParts(): Parts | null {
  try {
    if (warns()) return null;
    const { binding } = process as unknown as {
      readonly binding?: (name: string) => Readonly<Record<string, unknown>>;
    };
    if (binding === undefined) return null;
    const { Pipe, PipeConnectWrap, constants } = binding('pipe_wrap');
    const { WriteWrap, streamBaseState, kReadBytesOrError, kArrayBufferOffset } = binding('stream_wrap');
    const socketKind = (constants as Readonly<Record<string, unknown>> | undefined)?.['SOCKET'];
    const isKnown =
      [Pipe, PipeConnectWrap, WriteWrap].every((part) => typeof part === 'function') &&
      [socketKind, kReadBytesOrError, kArrayBufferOffset].every((part) => typeof part === 'number') &&
      ArrayBuffer.isView(streamBaseState) &&
      ['connect', 'readStart', 'writeUtf8String', 'close'].every(
        (name) => typeof (Pipe as { prototype: Record<string, unknown> }).prototype[name] === 'function',
      );
    if (!isKnown) return null;
    return {
      Pipe: Pipe as Parts['Pipe'],
      PipeConnectWrap: PipeConnectWrap as Parts['PipeConnectWrap'],
      WriteWrap: WriteWrap as Parts['WriteWrap'],
      socketKind: socketKind as number,
      state: streamBaseState as unknown as Parts['state'],
      sizePlace: kReadBytesOrError as number,
      offsetPlace: kArrayBufferOffset as number,
    };
  } catch {
    return null;
  }
}
