import type { AppList } from '../../api/contract/wire/apps.ts';
import type { CommandPage, FlagPage } from '../pages/command-page.ts';
import { SORT_KEYS } from '../views/apps/app-order.ts';
import { glanceAt, pathsFrom } from './glance.ts';
import type { Place } from './place.ts';
import { INIT_SYSTEMS, settingKeys, SHELLS, SIGNALS } from './words.ts';

/** Something that can be typed, and a few words about it. */
export interface Candidate {
  readonly value: string;
  readonly about?: string;
}

/** What candidates are made from. */
export interface Sources {
  readonly pages: readonly CommandPage[];
  readonly folder: string;
  /** The ecosystem file that the line names. */
  readonly file: string | undefined;
  /** What there is; null: no daemon answers, and none is started. */
  readonly apps: () => Promise<AppList | null>;
  /** Names of the actions that apps offer. */
  readonly actions: () => Promise<readonly string[]>;
  /** What is called by its name, or its id, beside apps. */
  readonly declared: (kind: DeclaredKind) => Promise<readonly string[]>;
}

/** What there is beside apps, as the API lists it. */
export type DeclaredKind = 'sources' | 'receivers' | 'tokens' | 'sessions';

/** What can stand at a place and begins with what is typed there. */
export async function candidatesAt({ what, typed }: Place, sources: Sources): Promise<readonly Candidate[]> {
  const all = await allAt(what, typed, sources);
  return all.filter(({ value }) => value.startsWith(typed));
}

async function allAt(what: Place['what'], typed: string, sources: Sources): Promise<readonly Candidate[]> {
  switch (what.kind) {
    case 'command':
      return typed.startsWith('-') ? GLOBAL_FLAGS : commands(typed, sources.pages);
    case 'second':
      return seconds(what.first, sources.pages);
    case 'flag':
      return flags(what.command, what.used);
    case 'value':
      return values(what.flag, typed, sources);
    case 'argument':
      return (await argumentsOf(what.command, what.index, typed, sources)).filter(
        ({ value }) => !what.used.includes(value),
      );
    case 'passed-on':
      return paths(pathsFrom(typed, 'any', sources.folder));
  }
}

const GLOBAL_FLAGS: readonly Candidate[] = [
  { value: '--home', about: 'Folder of the daemon to talk to.' },
  { value: '--no-color', about: 'Print without colours.' },
  { value: '--output', about: 'Format of the output.' },
  { value: '--help', about: 'Show help.' },
  { value: '--version', about: 'Print the version.' },
];

/** Hidden commands only when their letters are typed, and other names where nothing else begins so: the list is for looking around. */
function commands(typed: string, pages: readonly CommandPage[]): readonly Candidate[] {
  const shown = new Map<string, string>();
  for (const { name, summary, isHidden } of pages) {
    const [first = '', second] = name.split(' ');
    if (!isHidden || typed !== '') shown.set(first, second === undefined ? summary : topicAbout(first));
  }
  shown.set('help', 'Show help for a command or a topic.');
  const all = [...shown].map(([value, about]) => ({ value, about }));
  if (typed === '' || all.some(({ value }) => value.startsWith(typed))) return all;
  return [
    ...all,
    ...pages.flatMap(({ aliases, summary }) => aliases.map((value) => ({ value, about: summary }))),
  ];
}

function topicAbout(first: string): string {
  return first === 'daemon' ? 'The daemon that keeps apps as declared.' : `Commands of ${first}.`;
}

function seconds(first: string, pages: readonly CommandPage[]): readonly Candidate[] {
  if (first === 'help') return commands('', pages);
  return pages
    .filter(({ name }) => name.startsWith(`${first} `))
    .map(({ name, summary }) => ({ value: name.slice(first.length + 1), about: summary }));
}

function flags({ flags: declared }: CommandPage, used: readonly string[]): readonly Candidate[] {
  return declared
    .filter(
      ({ name, char, repeats }) =>
        repeats || !used.some((word) => word === `--${name}` || word === `-${char ?? ''}`),
    )
    .flatMap(({ name, description, canBeOff }) =>
      [canBeOff ? `--no-${name}` : `--${name}`].map((value) => ({ value, about: description })),
    )
    .concat({ value: '--help', about: 'Show help.' });
}

async function values(flag: FlagPage, typed: string, sources: Sources): Promise<readonly Candidate[]> {
  if (flag.options !== undefined) return plain(flag.options);
  switch (flag.name) {
    case 'env':
      return plain(glanceAt(sources.file, sources.folder).environments);
    case 'only':
      return lastOfList(typed, glanceAt(sources.file, sources.folder).names);
    case 'sort':
      return plain(SORT_KEYS);
    case 'selector':
      return labels(typed, sources);
    case 'namespace':
      return plain([...new Set((await itemsOf(sources)).map(({ namespace = 'default' }) => namespace))]);
    case 'app':
    case 'exit-with':
      return selectors(typed, sources);
  }
  switch (flag.value) {
    case 'FILE':
      return paths(pathsFrom(typed, flag.name === 'file' ? 'ecosystem' : 'any', sources.folder));
    case 'DIR':
      return paths(pathsFrom(typed, 'folders', sources.folder));
    default:
      return [];
  }
}

/** `key=value` of every app; what is before the last comma stays. */
async function labels(typed: string, sources: Sources): Promise<readonly Candidate[]> {
  const items = await itemsOf(sources);
  const conditions = items.flatMap(({ labels: own = {} }) =>
    Object.entries(own).map(([key, value]) => `${key}=${value}`),
  );
  return lastOfList(typed, [...new Set(conditions)].toSorted());
}

async function itemsOf(sources: Sources): Promise<AppList['items']> {
  return (await sources.apps())?.items ?? [];
}

/** `a,b`: what is before the last comma stays. */
function lastOfList(typed: string, names: readonly string[]): readonly Candidate[] {
  const start = typed.slice(0, typed.lastIndexOf(',') + 1);
  const taken = start.split(',');
  return plain(names.filter((name) => !taken.includes(name)).map((name) => start + name));
}

async function argumentsOf(
  command: CommandPage,
  index: number,
  typed: string,
  sources: Sources,
): Promise<readonly Candidate[]> {
  const last = command.args.length - 1;
  if (index > last && !command.takesMore) return [];
  const arg = command.args[Math.min(index, last)];
  switch (arg?.name) {
    case undefined:
    case 'number':
    case 'parameter':
    case 'message':
    case 'value':
    case 'key':
      return [];
    case 'app': {
      const apps = await selectors(typed, sources);
      // One app alone is none of a file that is named in its place.
      const takesFiles = command.takesMore && command.flags.some(({ name }) => name === 'file');
      return takesFiles ? [...apps, ...paths(pathsFrom(typed, 'ecosystem', sources.folder))] : apps;
    }
    case 'target':
      return [...(await selectors(typed, sources)), ...paths(pathsFrom(typed, 'any', sources.folder))];
    case 'project|app':
      return [
        ...(await projects(sources)),
        ...(await selectors(typed, sources)).filter(({ value }) => value !== 'all'),
      ];
    case 'setting':
      return settingKeys();
    case 'action':
      return plain(await sources.actions());
    case 'source':
      // `source add` gives a name that there is not yet.
      return command.name === 'source add' ? [] : plain(await sources.declared('sources'));
    case 'receiver':
      return plain(await sources.declared('receivers'));
    case 'token':
      return command.name === 'token create' ? [] : plain(await sources.declared('tokens'));
    case 'session':
      return plain(await sources.declared('sessions'));
    case 'signal':
      return plain(typed === '' || typed.startsWith('S') ? SIGNALS : SIGNALS.map((name) => name.slice(3)));
    case 'init':
      return plain(INIT_SYSTEMS);
    case 'shell':
      return plain(SHELLS);
    case 'file':
      return paths(pathsFrom(typed, 'ecosystem', sources.folder));
    default:
      return paths(pathsFrom(typed, 'any', sources.folder));
  }
}

/** Apps by the shortest name that means one; slots and ids when what is typed begins like one. */
async function selectors(typed: string, sources: Sources): Promise<readonly Candidate[]> {
  const items = (await sources.apps())?.items ?? [];
  const uses = new Map<string, number>();
  for (const { name } of items) uses.set(name, (uses.get(name) ?? 0) + 1);
  return [
    ...items.flatMap(({ project, name, status }): readonly Candidate[] => {
      const { health, readyInstances, desiredInstances, instances } = status;
      const about = `${health}, ${readyInstances}/${desiredInstances} ready`;
      const full = `${project}/${name}`;
      const short = uses.get(name) === 1 ? name : full;
      const names = typed.includes('/') || short === full ? [full] : [short];
      if (typed.includes(':')) {
        const [own = short] = typed.startsWith(`${full}:`) ? [full] : names;
        return instances.map(({ slot, pid }) => ({ value: `${own}:${slot}`, about: `pid ${pid ?? 'none'}` }));
      }
      if (/^\d+$/.test(typed)) {
        const ids = instances.map(({ id, slot }) => ({ value: String(id), about: `${full}:${slot}` }));
        return [...ids, ...names.map((value) => ({ value, about }))];
      }
      return names.map((value) => ({ value, about }));
    }),
    ...(items.length > 0 ? [{ value: 'all', about: 'every app' }] : []),
  ];
}

async function projects(sources: Sources): Promise<readonly Candidate[]> {
  const items = (await sources.apps())?.items ?? [];
  return [...new Set(items.map(({ project }) => project))].map((value) => ({ value, about: 'project' }));
}

function plain(words: readonly string[]): readonly Candidate[] {
  return words.map((value) => ({ value }));
}

function paths(found: readonly string[]): readonly Candidate[] {
  return plain(found);
}
