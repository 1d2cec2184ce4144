/** Whose output bytes of a log file are. */
export interface LogSource {
  readonly project: string;
  readonly app: string;
  readonly slot: number;
  readonly stream: 'out' | 'err';
}

/** From `offset` of a log file on, up to the offset of the next stamp, its bytes came then, and from there. */
export interface LogStamp {
  /** Bytes from the beginning of the file; of a compressed file, of what it holds. */
  readonly offset: number;
  /** When the runner read them; epoch milliseconds. Null: they were written while nobody kept times. */
  readonly at: number | null;
  /** Null: unknown, or not of an app (`[stateward: 3 lines dropped]`). */
  readonly source: LogSource | null;
}

/** One text for each source, as it stands in an index; the empty one for none. */
export function sourceText(source: LogSource | null): string {
  if (source === null) return '';
  const { project, app, slot, stream } = source;
  return JSON.stringify([project, app, slot, stream]);
}

/** Reads such a text back; null as well for what is none. */
export function readSource(text: string): LogSource | null {
  if (text === '') return null;
  try {
    const fields: unknown = JSON.parse(text);
    if (!Array.isArray(fields)) return null;
    const [project, app, slot, stream] = fields as unknown[];
    if (typeof project !== 'string' || typeof app !== 'string' || typeof slot !== 'number') return null;
    return stream === 'out' || stream === 'err' ? { project, app, slot, stream } : null;
  } catch {
    return null;
  }
}
