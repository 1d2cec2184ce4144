/** The parts of Node's stdout and stderr, when they are a pipe, that tell what is still on its way. All internal. */
export interface PipeStream {
  readonly fd: number;
  readonly _handle: PipeHandle;
  readonly _writableState: { getBuffer(): readonly BufferedChunk[] };
}

export interface BufferedChunk {
  readonly chunk: string | Uint8Array;
  readonly encoding: string;
}

export interface PipeHandle {
  /** Bytes of the last write that the system has not taken yet. */
  readonly writeQueueSize: number;
  writeBuffer(request: object, data: Uint8Array): number;
  writeUtf8String(request: object, text: string): number;
  writeLatin1String(request: object, text: string): number;
  writeAsciiString(request: object, text: string): number;
  writeUcs2String(request: object, text: string): number;
  /** `chunks`: buffers only if `allBuffers`, else chunk, encoding, chunk, encoding... */
  writev(request: object, chunks: readonly (string | Uint8Array)[], allBuffers: boolean): number;
}

/** Whether `stream` is what it takes; a file or a terminal is not: those are written at once. */
export function isPipeStream(stream: unknown): stream is PipeStream {
  if (!isObject(stream) || typeof stream.fd !== 'number') return false;
  const { _handle: handle, _writableState: state } = stream;
  if (!isObject(handle) || !isObject(state)) return false;
  const isHandle =
    typeof handle.writeQueueSize === 'number' &&
    typeof handle.writeUtf8String === 'function' &&
    typeof handle.writev === 'function';
  return isHandle && typeof state.getBuffer === 'function';
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null;
}
