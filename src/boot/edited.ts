import { createHash } from 'node:crypto';

/**
 * A file that we write carries a checksum of itself, so that an edit by somebody else is seen: such a file is theirs.
 */
const CHECKSUM = /^(.*stateward checksum: )([0-9a-f]{16})(.*)$/m;
/** Stands in the text where the checksum goes. */
export const CHECKSUM_PLACE = `stateward checksum: ${'0'.repeat(16)}`;

/** The text with its checksum; it has CHECKSUM_PLACE in a comment. */
export function sealed(text: string): string {
  return text.replace(CHECKSUM_PLACE, `stateward checksum: ${checksum(text)}`);
}

/** Whether we wrote this text and nobody has changed it since. */
export function isAsWritten(text: string): boolean {
  const found = CHECKSUM.exec(text);
  if (found === null) return false;
  return found[2] === checksum(text.replace(CHECKSUM, `$1${'0'.repeat(16)}$3`));
}

function checksum(text: string): string {
  return createHash('sha256').update(text).digest('hex').slice(0, 16);
}
