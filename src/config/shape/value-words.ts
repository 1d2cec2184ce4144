import { redactText } from '../../spec/secrets/redact.ts';
import { isSecretName } from '../../spec/secrets/secret-names.ts';
import type { SourcePath } from '../read/source.ts';

/** Words about a value that a schema refuses, whatever file it is in. */

/** Hints for fields of these types. */
export const UNIT_HINTS: Readonly<Record<string, string>> = {
  duration: 'write 90s, 1m30s or 250ms, or a number of milliseconds',
  size: 'write 300M or 1.5G, or a number of bytes',
  boolean: 'write true or false, without quotes',
  'map of variables': 'write NAME: value, one a line',
};

/** `for example "./server.js"`; undefined: there is none. */
export function exampleOf(examples: readonly unknown[] | undefined): string | undefined {
  const [example] = examples ?? [];
  return example === undefined ? undefined : `for example ${JSON.stringify(example)}`;
}

/** Types of a schema in words: `text or map`. */
export function typeNames(type: unknown): string | undefined {
  if (type === undefined) return undefined;
  return [type]
    .flat()
    .map(String)
    .join(' or ')
    .replace(/string/g, 'text')
    .replace(/object/g, 'map');
}

export function article(type: string): string {
  return /^(?:text|anything|.* \| )/.test(type) ? type : `${/^[aeiou]/.test(type) ? 'an' : 'a'} ${type}`;
}

/** The value as JSON, cut and without secrets. */
export function shownValue(path: SourcePath, value: unknown): string {
  if (path.some((step) => isSecretName(String(step)))) return 'the value';
  const json = JSON.stringify(value) as string | undefined;
  if (json === undefined) return 'the value';
  const text = redactText(json);
  return text.length > 60 ? `${text.slice(0, 57)}...` : text;
}

/** The steps of a JSON pointer. */
export function pointerSteps(instancePath: string): (string | number)[] {
  const steps = instancePath.split('/').slice(1);
  return steps.map((step) =>
    /^\d+$/.test(step) ? Number(step) : step.replace(/~1/g, '/').replace(/~0/g, '~'),
  );
}

export function valueAt(value: unknown, path: SourcePath): unknown {
  return path.reduce<unknown>(
    (inner, step) =>
      typeof inner === 'object' && inner !== null
        ? (inner as Readonly<Record<string, unknown>>)[step]
        : undefined,
    value,
  );
}
