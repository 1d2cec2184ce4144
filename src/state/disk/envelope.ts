import { createHash } from 'node:crypto';
import { err, ok, type Result } from '../../lib/result.ts';

/** Version of what is inside the files below `state/`; a change that an older stateward would misread raises it. */
export const STATE_FORMAT = 1;

/** What is before the data in a file of this format. */
const WRITTEN = new RegExp(`^\\{"format":${STATE_FORMAT},"checksum":"([0-9a-f]{64})","data":`);

/** Why the text of a state file cannot be used. */
export type EnvelopeProblem =
  | { readonly kind: 'corrupt'; readonly message: string }
  /** Written by a stateward that this one knows nothing of. */
  | { readonly kind: 'newer'; readonly format: number };

/** The text of a state file: one JSON object with the format version and a checksum over the data. */
export function sealEnvelope(data: unknown): string {
  return sealText(JSON.stringify(data));
}

/** The same of data that is JSON already, as JSON.stringify prints it. */
export function sealText(text: string): string {
  return `{"format":${STATE_FORMAT},"checksum":"${checksum(text)}","data":${text}}\n`;
}

/** Reads back what `sealEnvelope` wrote; the data is as it was given, or there is a problem. */
export function openEnvelope(text: string): Result<unknown, EnvelopeProblem> {
  const written = WRITTEN.exec(text);
  if (written !== null && text.endsWith('}\n')) {
    // As it was written, the data need not be printed again to be compared.
    const data = text.slice(written[0].length, -2);
    if (checksum(data) === written[1]) return ok(JSON.parse(data));
  }
  if (text.trim() === '') return corrupt('the file is empty');
  let parsed: unknown;
  try {
    parsed = JSON.parse(text);
  } catch {
    return corrupt('it is not JSON, or it was cut off');
  }
  if (typeof parsed !== 'object' || parsed === null || !('format' in parsed)) {
    return corrupt('it has no format version');
  }
  const { format } = parsed;
  if (typeof format !== 'number' || !Number.isInteger(format) || format < 1) {
    return corrupt('its format version is not a number');
  }
  if (format > STATE_FORMAT) return err({ kind: 'newer', format });
  if (!('data' in parsed) || !('checksum' in parsed)) return corrupt('its data is missing');
  // Parsing and printing again gives the same text as long as nobody changed a byte that means something.
  if (checksum(JSON.stringify(parsed.data)) !== parsed.checksum)
    return corrupt('its checksum does not match');
  return ok(parsed.data);
}

function checksum(text: string): string {
  return createHash('sha256').update(text).digest('hex');
}

function corrupt(message: string): Result<never, EnvelopeProblem> {
  return err({ kind: 'corrupt', message });
}
