import type { Place } from './source.ts';

/** The place of a reference such as `${NAME` inside a text, as far as quoting and folding leave it there. */
export function referencePlace(reference: string, span: Place, text: string | null): Place {
  if (span === null || 'anyOf' in span) return span;
  const written = (span.from === undefined ? text : span.from.source.text)?.slice(span.start, span.end) ?? '';
  const offset = written.indexOf(reference);
  if (offset === -1) return span;
  const close = written.indexOf('}', offset);
  const length = close === -1 ? reference.length : close + 1 - offset;
  return { ...span, start: span.start + offset, end: span.start + offset + length };
}
