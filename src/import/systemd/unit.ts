import { failureAt, sourceFile } from '../../config/read/source.ts';
import type { Failure } from '../../lib/failure.ts';
import { readIni, SHOWN_PROBLEMS, SYSTEMD, type IniEntry } from '../model/ini.ts';

/** A unit file: its path as it is typed, and its text. */
export interface UnitFile {
  readonly file: string;
  readonly text: string;
}

/** One unit, its entries in order, with `%i` and the like put in. */
export interface Unit {
  readonly file: string;
  /** `web`, or the prefix of a template `web@`. */
  readonly name: string;
  readonly kind: 'service' | 'timer' | 'socket';
  /** What stands behind `@`; null: no template, or one without an instance. */
  readonly instance: string | null;
  readonly isTemplate: boolean;
  readonly entries: readonly (IniEntry & { readonly section: string })[];
}

/** The service that a timer is of. */
export function serviceOf({ entries, name }: Unit): string {
  const unit = entries.find(({ section, key }) => section === 'Timer' && key === 'Unit')?.value;
  return unit === undefined
    ? name
    : unit.replace(/@?[^@]*\.service$/, (end) => (end.startsWith('@') ? '' : end.replace(/\.service$/, '')));
}

/** A file as a unit, or why it is none. */
export function unitOf({ file, text }: UnitFile): Unit | readonly Failure[] {
  const source = sourceFile(file, text);
  const { sections, problems } = readIni(text, SYSTEMD);
  if (problems.length > 0) {
    return problems.slice(0, SHOWN_PROBLEMS).map(({ line, message }) => {
      const start = source.lineStarts[line - 1] ?? 0;
      const hint = 'a unit has sections, [Service] above all, with a key, = and a value in each line';
      return failureAt(source, { start, end: start + 1 }, { code: 'CONFIG_SYNTAX', message, hint });
    });
  }
  const base = file.replace(/^.*\//, '');
  const isOf = (ending: string, section: string): boolean =>
    base.endsWith(ending) || (!base.endsWith('.service') && sections.some(({ name }) => name === section));
  const kind = isOf('.timer', 'Timer') ? 'timer' : isOf('.socket', 'Socket') ? 'socket' : 'service';
  const stem = base.replace(/\.[a-z]+$/, '');
  const at = stem.indexOf('@');
  const named = {
    name: at === -1 ? stem : stem.slice(0, at),
    instance: at === -1 || at === stem.length - 1 ? null : stem.slice(at + 1),
  };
  const entries = sections.flatMap(({ name: section, entries: own }) =>
    own.map(({ value, ...entry }) => ({ ...entry, value: specifiers(value, named), section })),
  );
  return { file, ...named, kind, isTemplate: at !== -1, entries: withResets(entries) };
}

/** An empty value empties the list that stood before it. */
function withResets<T extends IniEntry & { readonly section: string }>(entries: readonly T[]): readonly T[] {
  return entries.filter(
    (entry, index) =>
      entry.value !== '' &&
      !entries
        .slice(index + 1)
        .some(({ section, key, value }) => section === entry.section && key === entry.key && value === ''),
  );
}

/** The last value of a key of [Service]. */
export function valueOf({ entries }: Unit, key: string): string | undefined {
  return entries.findLast((entry) => entry.section === 'Service' && entry.key === key)?.value;
}

/** `%i` and the like: what the name of the file tells, and where a unit of the system has its folders. */
function specifiers(text: string, { name, instance }: Pick<Unit, 'name' | 'instance'>): string {
  const known: Readonly<Record<string, string>> = {
    i: instance ?? 'INSTANCE',
    I: instance ?? 'INSTANCE',
    p: name,
    P: name,
    N: instance === null ? name : `${name}@${instance}`,
    n: `${instance === null ? name : `${name}@${instance}`}.service`,
    h: '~',
    t: '/run',
    S: '/var/lib',
    C: '/var/cache',
    L: '/var/log',
    E: '/etc',
    T: '/tmp',
    V: '/var/tmp',
    '%': '%',
  };
  return text.replace(/%([a-zA-Z%])/g, (whole, letter: string) => known[letter] ?? whole);
}
