import type { CommandPage } from '../pages/command-page.ts';
import { definitions, section, wrapped } from './layout.ts';

/** What somebody wants, and the commands for it, in the order in which they are needed. */
const GROUPS: readonly (readonly [title: string, ...names: string[]])[] = [
  ['Start here', 'init', 'import', 'validate', 'plan', 'apply', 'start', 'dev', 'run', 'serve', 'explain'],
  [
    'Look',
    'get',
    'monit',
    'dash',
    'top',
    'describe',
    'why',
    'events',
    'rounds',
    'diff',
    'health',
    'env',
    'pid',
    'export',
    'config',
  ],
  [
    'Change',
    'stop',
    'restart',
    'reload',
    'scale',
    'delete',
    'reset',
    'signal',
    'send',
    'trigger',
    'exec',
    'attach',
  ],
  ['Roll out', 'rollout', 'wait', 'rollback', 'history', 'deploy'],
  ['From a repository', 'source'],
  ['Guard', 'freeze', 'unfreeze', 'audit'],
  ['Logs', 'logs', 'flush', 'reload-logs'],
  [
    'The daemon and this host',
    'daemon',
    'startup',
    'unstartup',
    'notify',
    'token',
    'session',
    'doctor',
    'report',
    'metrics',
    'mcp',
    'version',
    'completion',
    'schema',
  ],
];

const EXAMPLES: readonly (readonly [string, string])[] = [
  ['stateward plan', 'what would change, touching nothing'],
  ['stateward apply', 'make the host as ecosystem.yaml says'],
  ['stateward start app.js -i 4', 'run a script without a file'],
  ['stateward get', 'what runs; why APP says why it is so'],
  ['stateward logs api -f', 'what it writes'],
];

export const ABOUT = 'Keeps the processes of a host in the state that a file in a repository declares.';

/** Help of the program: examples, and the commands by what one wants. A command that no group names is listed last. */
export function rootHelp(pages: readonly CommandPage[], topics: readonly string[], width: number): string {
  const shown = pages.filter(({ isHidden }) => !isHidden);
  const heads = [...new Set(shown.map(({ name }) => firstOf(name)))];
  const placed = GROUPS.map(
    ([title, ...names]) => [title, names.filter((name) => heads.includes(name))] as const,
  );
  const left = heads.filter((name) => placed.every(([, names]) => !names.includes(name)));
  const words = pages.filter(({ isHidden }) => isHidden).map(({ name }) => name);
  const lines = [
    ...wrapped(ABOUT, width, 0),
    '',
    ...section('Examples', definitions(EXAMPLES, width)),
    ...[...placed, ['More', left] as const].flatMap(([title, names]) =>
      section(
        title,
        definitions(
          names.map((name) => headRow(name, shown)),
          width,
        ),
      ),
    ),
    ...section('From PM2', [
      ...wrapped(
        `${[...words, ...FROM_PM2].join(', ')} are understood as well: stateward help from-pm2`,
        width,
        2,
      ),
    ]),
    ...section('Topics', wrapped(topics.join(', '), width, 2)),
    ...wrapped(
      'stateward help COMMAND or TOPIC says more; stateward explain FIELD or CODE explains one.',
      width,
      0,
    ),
  ];
  return lines.join('\n').trimEnd() + '\n';
}

/** Words of PM2 that are other names of commands. */
const FROM_PM2: readonly string[] = ['ls', 'show', 'startOrReload', 'gracefulReload', 'sendSignal'];

/** Help of a first word that several commands have: `daemon`. */
export function groupHelp(first: string, pages: readonly CommandPage[], width: number): string {
  const below = pages.filter(({ name, isHidden }) => firstOf(name) === first && !isHidden);
  const lines = [
    ...wrapped(groupAbout(first), width, 0),
    '',
    ...section(
      'Commands',
      definitions(
        below.map(({ name, summary }) => [name, summary]),
        width,
      ),
    ),
    `stateward help ${first} COMMAND says more.`,
  ];
  return `${lines.join('\n')}\n`;
}

/** What commands of one first word are for; where the word means something else elsewhere, also what to type instead. */
export function groupAbout(first: string): string {
  const { [first]: about = `Commands of ${first}.` } = GROUP_ABOUT;
  const { [first]: elsewhere } = GROUP_ELSEWHERE;
  return elsewhere === undefined ? about : `${about} ${elsewhere}`;
}

const GROUP_ABOUT: Readonly<Partial<Record<string, string>>> = {
  daemon: 'The daemon that keeps apps as declared.',
  rollout: 'Changes from one version of an app to the next.',
  config: 'Settings of the home; what files come to.',
  audit: 'Who changed what, and whether the record of it is whole.',
  import: 'Write an ecosystem file from what another tool runs.',
};

/** In PM2 the word is about its own settings. */
const GROUP_ELSEWHERE: Readonly<Partial<Record<string, string>>> = {
  config: 'What apps are: stateward explain apps.',
};

/** A command, or several of one first word in one row. */
function headRow(first: string, pages: readonly CommandPage[]): readonly [string, string] {
  const own = pages.find(({ name }) => name === first);
  const seconds = pages.flatMap(({ name }) =>
    firstOf(name) === first && name !== first ? [name.slice(first.length + 1)] : [],
  );
  if (own !== undefined) {
    const also = seconds.map((second) => `${first} ${second}`).join(', ');
    return [first, also === '' ? own.summary : `${own.summary.replace(/\.$/, '')}; also ${also}.`];
  }
  return [
    first,
    `${(GROUP_ABOUT[first] ?? `Commands of ${first}.`).replace(/\.$/, '')}: ${seconds.join(', ')}.`,
  ];
}

function firstOf(name: string): string {
  return name.split(' ', 1)[0] ?? name;
}
