import type { BufferedChunk, PipeHandle, PipeStream } from './pipe-stream.ts';

/** Gives the bytes that a stream was given and that the system has not taken. */
export type Unsent = () => readonly Uint8Array[];

type Encode = () => Uint8Array;

/**
 * Follows what goes through a stream's handle. Node keeps no reference to a text that is half written, so the last one
 * is remembered here, for as long as it is on its way.
 */
export function trackUnsent(stream: PipeStream): Unsent {
  const handle = stream._handle;
  let last: Encode | undefined;
  const remember = (encode: Encode): void => {
    last = handle.writeQueueSize > 0 ? encode : undefined;
  };
  trackTexts(handle, remember);
  wrap(handle, 'writeBuffer', (_request, data) => remember(() => data));
  wrap(handle, 'writev', (_request, chunks, allBuffers) => remember(() => encodeAll(chunks, allBuffers)));
  return () => {
    const waiting = stream._writableState.getBuffer().map(encodeChunk);
    const queued = handle.writeQueueSize;
    if (queued === 0 || last === undefined) return waiting;
    const bytes = last();
    return [bytes.subarray(bytes.length - queued), ...waiting];
  };
}

const TEXT_METHODS = {
  writeUtf8String: 'utf8',
  writeLatin1String: 'latin1',
  writeAsciiString: 'latin1',
  writeUcs2String: 'utf16le',
} as const;

function trackTexts(handle: PipeHandle, remember: (encode: Encode) => void): void {
  for (const [method, encoding] of Object.entries(TEXT_METHODS)) {
    wrap(handle, method as keyof typeof TEXT_METHODS, (_request, text) =>
      remember(() => Buffer.from(text, encoding)),
    );
  }
}

type Method = Exclude<keyof PipeHandle, 'writeQueueSize'>;

/** Puts a method of its own on the handle, hidden from enumeration, that lets `after` see what was written. */
function wrap<M extends Method>(
  handle: PipeHandle,
  method: M,
  after: (...args: Parameters<PipeHandle[M]>) => void,
): void {
  const original = handle[method] as (...args: Parameters<PipeHandle[M]>) => number;
  if (typeof original !== 'function') return;
  const value = function (this: unknown, ...args: Parameters<PipeHandle[M]>): number {
    const result = Reflect.apply(original, this, args);
    after(...args);
    return result;
  };
  Object.defineProperty(handle, method, { value, enumerable: false, configurable: true, writable: true });
}

function encodeAll(chunks: readonly (string | Uint8Array)[], allBuffers: boolean): Uint8Array {
  if (allBuffers) return Buffer.concat(chunks as readonly Uint8Array[]);
  const parts: Uint8Array[] = [];
  for (let index = 0; index < chunks.length; index += 2) {
    parts.push(encodeChunk({ chunk: chunks[index] ?? '', encoding: String(chunks[index + 1]) }));
  }
  return Buffer.concat(parts);
}

function encodeChunk({ chunk, encoding }: BufferedChunk): Uint8Array {
  if (typeof chunk !== 'string') return chunk;
  return Buffer.from(chunk, Buffer.isEncoding(encoding) ? encoding : 'utf8');
}
