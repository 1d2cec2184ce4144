import { Document, isSeq, stringify } from 'yaml';
import { escapeApp } from '../../spec/escape-app.ts';
import { redactLine } from '../../spec/secrets/redact.ts';
import type { Fields, ImportedApp, Note } from '../model/imported.ts';
import { commentLines } from './comments.ts';

/** The file to be written. */
export interface EcosystemFile {
  /** Path or URL of the JSON schema. */
  readonly schema: string;
  /** Lines of the head, without `#`. */
  readonly head: readonly string[];
  /** Keys of the root before `apps`. */
  readonly root: Fields;
  readonly apps: readonly FileApp[];
}

export interface FileApp extends ImportedApp {
  /** Name of the file that holds its secrets, as the ecosystem file says it; null: it has none. */
  readonly secretsFile: string | null;
}

const APP_INDENT = '    ';
/** A text of several lines stays one line: nothing then depends on what stands around it. */
const STYLE = {
  lineWidth: 0,
  aliasDuplicateObjects: false,
  blockQuote: false,
  doubleQuotedMinMultiLineLength: Number.MAX_SAFE_INTEGER,
} as const;
/** Characters of a list that is written in one line. */
const SHORT = 60;
/** What comes first, whatever the converter says first. */
const FIRST = [
  ...[
    'namespace',
    'script',
    'shell',
    'interpreter',
    'interpreter_args',
    'args',
    'cwd',
    'exec_mode',
    'instances',
  ],
];

/** An ecosystem file in YAML with its comments: what has no field of its own stands above the app. */
export function renderEcosystemFile({ schema, head, root, apps }: EcosystemFile): string {
  const lines = [
    `# yaml-language-server: $schema=${schema}`,
    ...head.flatMap((line) => commentLines(line, '')),
    '',
    ...fieldLines(root, '', []),
    ...(apps.length === 0 ? ['apps: []'] : ['apps:', ...apps.flatMap(appLines)]),
  ];
  return `${lines.join('\n').trimEnd()}\n`;
}

function appLines(app: FileApp, index: number): readonly string[] {
  const { name, notes, secretsFile } = app;
  const escaped = app.expands === true ? app.fields : escapeApp(app.fields);
  const fields = ordered({ ...withEnvFile(escaped, secretsFile) });
  const known = new Set(['name', ...Object.keys(fields)]);
  const above = notes.filter(({ field }) => field === null || !known.has(field));
  const [first = '', ...rest] = fieldLines({ name, ...fields }, APP_INDENT, notes);
  const nameNotes = notes.filter(({ field }) => field === 'name');
  return [
    ...(index === 0 ? [] : ['']),
    ...[...above, ...nameNotes].flatMap((note) => commentLines(noteText(note), '  ')),
    `  - ${first.trimStart()}`,
    ...rest,
    ...(app.suggestions ?? []).map((line) => `${APP_INDENT}# ${line}`),
  ];
}

function withEnvFile(fields: Fields, secretsFile: string | null): Fields {
  if (secretsFile === null) return fields;
  const given = fields['env_file'];
  const before = given === undefined ? [] : Array.isArray(given) ? (given as unknown[]) : [given];
  return { ...fields, env_file: before.length === 0 ? secretsFile : [...before, secretsFile] };
}

function ordered(fields: Fields): Fields {
  const first = FIRST.filter((key) => fields[key] !== undefined);
  const others = Object.keys(fields).filter((key) => !first.includes(key));
  const env = others.filter((key) => /^env(?:$|_)/.test(key)).sort((a, b) => rank(a) - rank(b));
  const rest = others.filter((key) => !/^env(?:$|_)/.test(key));
  return Object.fromEntries(
    [...first, ...env, ...rest].flatMap((key) => (fields[key] === undefined ? [] : [[key, fields[key]]])),
  );
}

function rank(key: string): number {
  return ['env_file', 'env'].indexOf(key) + 1 || 3;
}

function fieldLines(fields: Fields, indent: string, notes: readonly Note[]): readonly string[] {
  return Object.entries(fields).flatMap(([key, value]) => {
    const own = key === 'name' ? [] : notes.filter(({ field }) => field === key);
    const text = isShortList(value) ? flowLine(key, value) : stringify({ [key]: value }, STYLE);
    return [
      ...own.flatMap((note) => commentLines(noteText(note), indent)),
      ...text
        .replace(/\n$/, '')
        .split('\n')
        .map((line) => (line === '' ? '' : `${indent}${line}`)),
    ];
  });
}

function isShortList(value: unknown): value is readonly unknown[] {
  if (!Array.isArray(value) || value.length === 0) return false;
  const items = value as readonly unknown[];
  const isPlain = items.every(
    (item) => typeof item === 'number' || (typeof item === 'string' && !/[\n\r]/.test(item)),
  );
  return isPlain && items.join(', ').length <= SHORT;
}

function flowLine(key: string, value: readonly unknown[]): string {
  const document = new Document({ [key]: value });
  const list = document.get(key);
  if (isSeq(list)) list.flow = true;
  return document.toString({ ...STYLE, flowCollectionPadding: false });
}

function noteText({ kind, text }: Note): string {
  return redactLine(kind === 'unmapped' ? `not imported: ${text}` : text);
}
