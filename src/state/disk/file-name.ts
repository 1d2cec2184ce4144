import { createHash } from 'node:crypto';

/** File systems take names of 255 bytes; suffixes (`.json.corrupt-<time>`) need room. */
const MAX_ENCODED_LENGTH = 160;

/**
 * A file name for any text: letters, digits, `_`, `-` and inner dots stay, every other byte becomes `%XX`. Two texts
 * never share a name, no name is `.` or `..`, begins with a dot or holds a slash.
 */
export function safeFileName(text: string): string {
  let name = '';
  for (const byte of Buffer.from(text, 'utf8')) {
    const char = String.fromCharCode(byte);
    const plain = /[A-Za-z0-9_-]/.test(char) || (char === '.' && name !== '');
    name += plain ? char : `%${byte.toString(16).toUpperCase().padStart(2, '0')}`;
  }
  if (name === '') return '%';
  if (name.length <= MAX_ENCODED_LENGTH) return name;
  // `~` is never left plain above: a shortened name cannot meet a full one.
  return `${name.slice(0, 90)}~${createHash('sha256').update(text).digest('hex')}`;
}
