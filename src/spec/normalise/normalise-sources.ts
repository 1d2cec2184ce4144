import { nearest } from '../../lib/nearest.ts';
import type { App, Variables } from '../generated/ecosystem.ts';
import { describeSource, SOURCE_KINDS, sourceKind, type VariableSource } from '../secrets/variable-source.ts';
import type { AppSpec } from '../types.ts';
import type { NormaliseContext, SpecNote } from './normalise-context.ts';
import { resolvePath } from './normalise-path.ts';
import { readBoolean } from './values.ts';

type Declared = Readonly<Record<string, unknown>>;
type Place = Pick<NormaliseContext, 'fileDir' | 'home'>;

/** Whether a value of `env` says where to read it: any other map is JSON. */
export function isSource(value: unknown): value is Declared {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return false;
  return Object.keys(value).some((key) => isKind(key) || meantKind(key) !== undefined);
}

function isKind(key: string): boolean {
  return (SOURCE_KINDS as readonly string[]).includes(key);
}

/** `from_fil`, `fromFile`: a kind that is misspelt. */
function meantKind(key: string): string | undefined {
  if (!/^from/i.test(key) || isKind(key)) return undefined;
  const words = key.replace(/-|(?=[A-Z])/g, '_').toLowerCase();
  return isKind(words) ? words : (nearest(words, SOURCE_KINDS) ?? undefined);
}

/** A declared source with absolute paths; null: the value is none. */
export function readSource(value: unknown, { fileDir, home }: Place): VariableSource | null {
  if (!isSource(value)) return null;
  const text = (name: string): string | undefined => {
    const given = value[name];
    return typeof given === 'string' || typeof given === 'number' || typeof given === 'boolean'
      ? String(given)
      : undefined;
  };
  const path = (name: string): string | undefined => {
    const given = text(name);
    return given === undefined ? undefined : resolvePath(given, fileDir, home);
  };
  const command = value['from_exec'];
  const optional = readBoolean(value['optional'] as boolean | undefined) === true ? true : undefined;
  const read: Readonly<Record<keyof VariableSource, VariableSource[keyof VariableSource]>> = {
    from_file: path('from_file'),
    from_exec: Array.isArray(command) ? command.map(String) : undefined,
    from_env: text('from_env'),
    from_credential: text('from_credential'),
    from_sops: path('from_sops'),
    key: text('key'),
    default: text('default'),
    optional,
  };
  return Object.fromEntries(Object.entries(read).filter(([, one]) => one !== undefined));
}

/** What the schema cannot say of sources. */
export function sourceNotes(app: App, spec: AppSpec, { envName }: NormaliseContext): readonly SpecNote[] {
  const overlay = envName === null ? [] : [`env_${envName}`];
  return Object.entries(spec.env_from).flatMap(([name, source]) => {
    const field =
      [...overlay, 'env'].find(
        (one) => (app as Readonly<Record<string, Variables>>)[one]?.[name] !== undefined,
      ) ?? 'env';
    const declared = (app as Readonly<Record<string, Variables>>)[field]?.[name];
    return [...misspelt(declared), ...wrongs(name, source, spec)].map(([message, hint]): SpecNote => ({
      level: 'error',
      code: 'CONFIG_BAD_VALUE',
      path: [field, name],
      message,
      hint,
    }));
  });
}

function misspelt(declared: unknown): readonly Wrong[] {
  if (!isSource(declared)) return [];
  const found = Object.keys(declared).find((key) => meantKind(key) !== undefined);
  if (found === undefined) return [];
  return [[`unknown key ${JSON.stringify(found)}`, `did you mean ${meantKind(found) ?? ''}?`]];
}

type Wrong = readonly [message: string, hint: string];

function wrongs(name: string, source: VariableSource, spec: AppSpec): readonly Wrong[] {
  const kinds = SOURCE_KINDS.filter((kind) => source[kind] !== undefined);
  const kind = sourceKind(source);
  const other = source.default !== undefined || source.optional !== undefined;
  const isTold = spec.ports.some((port) => port.env === name) || (name === 'PORT' && spec.ports.length > 0);
  const found: (Wrong | false)[] = [
    kinds.length > 1 && [`${kinds.join(' and ')} say where the value is`, 'leave one of them'],
    kind !== 'from_sops' && source.key !== undefined && ['key is for from_sops', 'leave key out'],
    kind === 'from_exec' &&
      other && [
        'a program that fails is a failure, so that it has no default and is not optional',
        'have the program print the value that counts then',
      ],
    source.default !== undefined &&
      source.optional === true && ['with a default it is always there', 'leave optional or default out'],
    kind === 'from_credential' &&
      /^\.{1,2}$/.test(source.from_credential ?? '') && [
        `${describeSource(source)} is no name of a credential`,
        'write the name that LoadCredential= has',
      ],
    isTold && ['a port of the app says what this variable is', 'leave it out of env'],
    /^STATEWARD_/.test(name) && ['stateward sets this variable itself', 'choose another name'],
  ];
  return found.filter((one) => one !== false);
}
