import { APP_ALIASES } from './canonical-keys.ts';
import { isPlain, type Plain } from './root-form.ts';
import { mapCommands } from '../../spec/commands/command-paths.ts';
import { NETWORK_FORMS, PROBE_KINDS } from '../../spec/probes/network-probe.ts';
import { isSource } from '../../spec/normalise/normalise-sources.ts';
import type { SourceNode } from '../read/source.ts';

/**
 * Fields whose values are texts, whatever they look like: a parser reads `1.10` as 1.1 and `012` as 12, and neither is
 * what stands in the file.
 */
const TEXTS: ReadonlySet<string> = new Set(['name', 'namespace', 'version']);
const ROOT_TEXTS = ['project', 'version'] as const;
const LISTS_OF_TEXTS: ReadonlySet<string> = new Set(['args', 'interpreter_args', 'depends_on']);
const PATHS: ReadonlySet<string> = new Set(['cwd', 'script']);
const PROBES: ReadonlySet<string> = new Set(PROBE_KINDS);
const VARIABLES = /^env(?:_(?!file$)|$)/;
const JSON_NUMBER = /^-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?$/;

/**
 * The app with numbers, true and false spelt as in the file wherever a text is meant. `node` is where `app` was read
 * from; a value that JavaScript gave has no spelling of its own.
 */
export function asWritten(app: Plain, node: SourceNode | undefined): Plain {
  if (node?.kind !== 'map') return app;
  const fields = Object.fromEntries(
    Object.entries(app).map(([key, value]) => [
      key,
      fieldAsWritten(APP_ALIASES.get(key) ?? key, value, node.entries.get(key)?.value),
    ]),
  );
  return mapCommands(fields, (command, path) => {
    const written = path.reduce<SourceNode | undefined>(entryOf, node);
    return eachText(command, written) as readonly unknown[];
  });
}

/** What the root has beside the apps: a project may be named `2024`, a release `1.10`. */
export function rootAsWritten(rest: Plain, node: SourceNode): Plain {
  const numbers = ROOT_TEXTS.filter((name) => typeof rest[name] === 'number');
  const texts = [
    ...numbers.map((name): [string, unknown] => [name, spelling(rest[name], entryOf(node, name))]),
    ...Object.keys(rest)
      .filter((name) => VARIABLES.test(name))
      .map((name): [string, unknown] => [name, fieldAsWritten(name, rest[name], entryOf(node, name))]),
  ];
  return texts.length === 0 ? rest : { ...rest, ...Object.fromEntries(texts) };
}

function fieldAsWritten(field: string, value: unknown, node: SourceNode | undefined): unknown {
  // YAML has ~ for nothing; in the place of a path it is the home folder.
  if (PATHS.has(field) && value === null && writtenAs(node) === '~') return '~';
  if (TEXTS.has(field)) return typeof value === 'number' ? spelling(value, node) : value;
  if (LISTS_OF_TEXTS.has(field) && Array.isArray(value)) return eachText(value, node);
  if (field === 'labels') return isPlain(value) ? eachText(value, node) : value;
  if (VARIABLES.test(field)) return isPlain(value) ? eachText(value, node, variableText) : value;
  if (field === 'sockets' && Array.isArray(value)) {
    return value.map((socket, index) => socketAsWritten(socket, entryOf(node, index)));
  }
  return PROBES.has(field) ? probeAsWritten(value, node) : value;
}

/** The digits of a mode are octal, however the parser has read them: 0660, 660 and 0o660 are one. */
function socketAsWritten(socket: unknown, node: SourceNode | undefined): unknown {
  const listen = isPlain(socket) ? socket['listen'] : undefined;
  if (!isPlain(socket) || !isPlain(listen)) return socket;
  const written = writtenAs(entryOf(entryOf(node, 'listen'), 'mode'));
  return typeof listen['mode'] === 'number' && written !== undefined
    ? { ...socket, listen: { ...listen, mode: written } }
    : socket;
}

/** Headers are texts; commands are seen to elsewhere. */
function probeAsWritten(probe: unknown, node: SourceNode | undefined): unknown {
  if (!isPlain(probe)) return probe;
  const forms = NETWORK_FORMS.flatMap((form): readonly (readonly [string, unknown])[] => {
    const given = probe[form];
    const headers = isPlain(given) ? given['headers'] : undefined;
    if (!isPlain(given) || !isPlain(headers)) return [];
    return [[form, { ...given, headers: eachText(headers, entryOf(entryOf(node, form), 'headers')) }]];
  });
  return forms.length === 0 ? probe : { ...probe, ...Object.fromEntries(forms) };
}

/** Where the value of a variable is read stays a map; any other map is JSON. */
function variableText(value: Container, node: SourceNode | undefined): unknown {
  if (!isSource(value)) return jsonText(value, node);
  const { optional } = value;
  const texts = eachText(value, node, (list, at) => eachText(list, at)) as Plain;
  return optional === undefined ? texts : { ...texts, optional };
}

type Container = Plain | readonly unknown[];

/** Every number and boolean of a list or map as it is spelt; `inner` says what becomes of lists and maps in it. */
function eachText(
  container: Container,
  node: SourceNode | undefined,
  inner: (value: Container, node: SourceNode | undefined) => unknown = (value) => value,
): Container {
  const convert = (value: unknown, key: string | number): unknown =>
    isContainer(value) ? inner(value, entryOf(node, key)) : spelling(value, entryOf(node, key));
  return Array.isArray(container)
    ? container.map(convert)
    : Object.fromEntries(Object.entries(container).map(([key, value]) => [key, convert(value, key)]));
}

/** JSON in which numbers keep their spelling where JSON has it too: digits beyond a double, zeros at the end. */
function jsonText(value: unknown, node: SourceNode | undefined): string {
  if (Array.isArray(value)) {
    return `[${value.map((item, index) => jsonText(item, entryOf(node, index))).join(',')}]`;
  }
  if (isPlain(value)) {
    const entries = Object.entries(value).map(
      ([key, item]) => `${JSON.stringify(key)}:${jsonText(item, entryOf(node, key))}`,
    );
    return `{${entries.join(',')}}`;
  }
  const text = spelling(value, node);
  if (typeof value !== 'number' || typeof text !== 'string') return JSON.stringify(value);
  if (JSON_NUMBER.test(text)) return text;
  return Number.isFinite(value) ? JSON.stringify(value) : JSON.stringify(text);
}

function spelling(value: unknown, node: SourceNode | undefined): unknown {
  if (typeof value !== 'number' && typeof value !== 'boolean') return value;
  return writtenAs(node) ?? String(value);
}

function writtenAs(node: SourceNode | undefined): string | undefined {
  return node?.kind === 'scalar' ? node.written : undefined;
}

function entryOf(node: SourceNode | undefined, key: string | number): SourceNode | undefined {
  if (node?.kind === 'list') return typeof key === 'number' ? node.items[key] : undefined;
  return node?.kind === 'map' ? node.entries.get(String(key))?.value : undefined;
}

function isContainer(value: unknown): value is Container {
  return Array.isArray(value) || isPlain(value);
}
