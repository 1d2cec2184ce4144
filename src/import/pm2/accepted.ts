import { refusedOfRoot, refusedSettings } from '../../config/shape/refused-settings.ts';
import type { SchemaProblem } from '../../config/shape/validation-failures.ts';
import { isSecretName } from '../../spec/secrets/secret-names.ts';
import { redactData, redactLine, REDACTED } from '../../spec/secrets/redact.ts';
import type { Fields, Note } from '../model/imported.ts';
import { plainSettings } from './plain-settings.ts';
import { refuted, type Surroundings } from './refuted.ts';

type Path = SchemaProblem['path'];

/** What is taken over of what PM2 was given, and a note with its value for each setting that is not. */
export interface Accepted {
  readonly fields: Fields;
  readonly notes: readonly Note[];
}

/** Of an app. Of a map, such as `env`, only the keys that are wrong go. */
export function acceptedFields(given: Fields, around: Surroundings): Accepted {
  const { fields, notes } = accepted(plainSettings(given), refusedSettings);
  const reasons = refuted(fields, around);
  if (reasons.size === 0) return { fields, notes };
  const more = [...reasons].map(([field, why]): Note => ({
    kind: 'unmapped',
    field: null,
    text: `${field}: ${shownValue(field, fields[field])} (${why})`,
  }));
  const left = Object.entries(fields).filter(([field]) => !reasons.has(field));
  return { fields: Object.fromEntries(left), notes: [...notes, ...more] };
}

/** Of the root beside the apps. */
export function acceptedRoot(given: Fields): Accepted {
  return accepted(given, refusedOfRoot);
}

function accepted(fields: Fields, refused: (fields: Fields) => readonly SchemaProblem[]): Accepted {
  const problems = refused(fields).filter(({ path }) => path.length > 0);
  if (problems.length === 0) return { fields, notes: [] };
  const gone = new Map<string, SchemaProblem>();
  for (const problem of problems) {
    const path = pathToDrop(problem);
    const key = JSON.stringify(path);
    const isInside = [...gone.values()].some(
      ({ path: [first], target }) => target === 'value' && first === path[0],
    );
    if (!isInside && !gone.has(key)) gone.set(key, { ...problem, path });
  }
  const dropped = [...gone.values()];
  const notes = dropped.map((problem) => notTaken(problem, valueAt(fields, problem.path)));
  const left = dropped.reduce<Fields>((rest, { path }) => without(rest, path), fields);
  const more = accepted(left, refused);
  return { fields: more.fields, notes: [...notes, ...more.notes] };
}

/** A key that is wrong goes alone; a value that is wrong makes the whole setting unknown. */
function pathToDrop({ path, target }: SchemaProblem): Path {
  return target === 'key' ? path : path.slice(0, 1);
}

function notTaken({ path, code, message, hint }: SchemaProblem, value: unknown): Note {
  const shown = shownValue(String(path.at(-1)), value);
  const meant = /^did you mean (.+)\?$/.exec(hint ?? '')?.[1];
  const why = code === 'CONFIG_UNKNOWN_KEY' ? 'PM2 ignored it' : reason(message, shown);
  return {
    kind: 'unmapped',
    field: null,
    text: `${path.join('.')}: ${shown} (${why}${meant === undefined ? '' : `; probably meant ${meant}`})`,
  };
}

function reason(message: string, shown: string): string {
  return message.startsWith(`${shown} is `) ? message.slice(shown.length + ' is '.length) : message;
}

/** A value for a comment: no secret is in it. */
export function shownValue(key: string, value: unknown): string {
  return isSecretName(key) ? REDACTED : redactLine(JSON.stringify(redactData(value ?? null)));
}

function valueAt(value: unknown, path: Path): unknown {
  return path.reduce<unknown>((inner, step) => (isContainer(inner) ? inner[String(step)] : undefined), value);
}

function without(fields: Fields, [first, ...rest]: Path): Fields {
  const name = String(first);
  const { [name]: inner, ...others } = fields;
  return rest.length === 0 || !isContainer(inner) || Array.isArray(inner)
    ? others
    : { ...fields, [name]: without(inner, rest) };
}

function isContainer(value: unknown): value is Fields {
  return typeof value === 'object' && value !== null;
}
