/** Where a line is from. */
export interface LineTag {
  /** Epoch milliseconds. */
  readonly at: number;
  readonly stream: 'out' | 'err';
  readonly slot: number;
  /** `project/name`. */
  readonly app: string;
}

export interface TaggedLine extends LineTag {
  /** As the app wrote it, without its newline. */
  readonly bytes: Buffer;
}

const TAB = 9;
const FIELDS = 4;

/** What stands in front of a line that goes from the runner to `stateward run`. Names hold no control characters. */
export function lineTag({ at, stream, slot, app }: LineTag): string {
  return `${at}\t${stream}\t${slot}\t${app}\t`;
}

/** Reads a line back, without its newline; null: it has no tag, so the runner itself says something. */
export function readTaggedLine(line: Buffer): TaggedLine | null {
  const fields: string[] = [];
  let start = 0;
  while (fields.length < FIELDS) {
    const end = line.indexOf(TAB, start);
    if (end === -1) return null;
    fields.push(line.toString('utf8', start, end));
    start = end + 1;
  }
  const [at = '', stream = '', slot = '', app = ''] = fields;
  if (!/^\d+$/.test(at) || !/^\d+$/.test(slot) || (stream !== 'out' && stream !== 'err')) return null;
  return { at: Number(at), stream, slot: Number(slot), app, bytes: line.subarray(start) };
}
