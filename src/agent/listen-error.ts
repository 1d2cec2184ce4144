export interface ListenFailure {
  /** As libuv numbers it. */
  readonly errno: number;
  /** For a person: who has the address. */
  readonly note: string | null;
  readonly address: string | null;
  /** -1 for a Unix socket. */
  readonly port: number;
}

/** The error that net would emit, with one word more. */
export function listenError({ errno, note, address, port }: ListenFailure): Error {
  const { getSystemErrorMap } = process.getBuiltinModule('node:util');
  const [code, text] = getSystemErrorMap().get(errno) ?? ['UNKNOWN', 'unknown error'];
  const shown = address ?? '::';
  const where = port > 0 ? `${shown}:${port}` : shown;
  const message = `listen ${code}: ${text} ${where}${note === null ? '' : ` (${note})`}`;
  const fields = { code, errno, syscall: 'listen', address: shown, ...(port !== 0 && { port }) };
  return Object.assign(new Error(message), fields);
}
