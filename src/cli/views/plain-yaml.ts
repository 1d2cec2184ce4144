/** Begins with a letter, a slash or an underscore, and holds nothing that means something in YAML. */
const PLAIN = /^[A-Za-z_/](?:[A-Za-z0-9_/.+=@%,-]|:(?=[A-Za-z0-9/])| (?=[A-Za-z0-9_/]))*$/;
const KEY = /^[A-Za-z_][A-Za-z0-9_.-]*$/;
/** A number, were it not quoted. */
const DIGITS = /^\d{1,15}$/;
/** A duration or a size; no number has such an end. */
const AMOUNT = /^(?:(?:\d+(?:ms|s|m|h|d))+|\d+(?:\.\d+)?[KMGT])$/;
const OTHER_MEANING = /^(?:true|false|null)$/i;

/**
 * A map as the YAML library writes it, without loading it; null: something in the map needs the library, as texts with
 * signs in them do.
 */
export function plainYaml(value: unknown): string | null {
  if (!isMap(value)) return null;
  const lines = mapLines(value);
  if (lines === null) return null;
  return lines.length === 0 ? '{}\n' : `${lines.join('\n')}\n`;
}

function mapLines(map: Readonly<Record<string, unknown>>): readonly string[] | null {
  const lines: string[] = [];
  for (const [key, value] of Object.entries(map)) {
    if (value === undefined) continue;
    if (!KEY.test(key) || OTHER_MEANING.test(key)) return null;
    const inner = valueLines(value);
    if (inner === null) return null;
    if (typeof inner === 'string') lines.push(`${key}: ${inner}`);
    else lines.push(`${key}:`, ...inner.map((line) => `  ${line}`));
  }
  return lines;
}

function listLines(list: readonly unknown[]): readonly string[] | null {
  const lines: string[] = [];
  for (const value of list) {
    const inner = valueLines(value);
    if (inner === null) return null;
    if (typeof inner === 'string') lines.push(`- ${inner}`);
    else lines.push(...inner.map((line, index) => `${index === 0 ? '- ' : '  '}${line}`));
  }
  return lines;
}

/** One text, or the lines below the key; null: not here. */
function valueLines(value: unknown): string | readonly string[] | null {
  if (value === null || typeof value === 'boolean') return String(value);
  if (typeof value === 'number')
    return Number.isSafeInteger(value) && !Object.is(value, -0) ? String(value) : null;
  if (typeof value === 'string') return textOf(value);
  if (Array.isArray(value)) return value.length === 0 ? '[]' : listLines(value);
  if (!isMap(value)) return null;
  const lines = mapLines(value);
  return lines?.length === 0 ? '{}' : lines;
}

function textOf(text: string): string | null {
  if (DIGITS.test(text)) return `"${text}"`;
  const isPlain = AMOUNT.test(text) || (PLAIN.test(text) && !OTHER_MEANING.test(text));
  return isPlain ? text : null;
}

function isMap(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && Object.getPrototypeOf(value) === Object.prototype;
}
