import { readFileSync } from 'node:fs';
import { basename } from 'node:path';
import type { Failure } from '../../../lib/failure.ts';
import { LIMITS } from '../limits.ts';

/** A file of another tool: what it is, and how to go on. */
interface ForeignFile {
  readonly what: string;
  readonly hint: string;
  /** What its processes would be as apps, one a line, as far as a look at it tells. */
  readonly apps?: (text: string, name: string) => readonly string[];
}

const WRITE_APPS = 'write its commands as apps into ecosystem.yaml';
const SHOWN_APPS = 20;

function importWith(format: string): string {
  return `stateward import ${format} FILE writes it as ecosystem.yaml`;
}

const BY_NAME: readonly (readonly [RegExp, ForeignFile])[] = [
  [/^procfile(?:\..+)?$/i, { what: 'a Procfile', hint: importWith('procfile'), apps: procfileApps }],
  [/\.(?:service|socket|timer)$/, { what: 'a unit of systemd', hint: importWith('systemd'), apps: unitApps }],
  [
    /(?:^|[./-])supervisord?\b.*\.(?:conf|ini)$|^supervisor.*\.(?:conf|ini)$/i,
    { what: 'a file of supervisord', hint: importWith('supervisor'), apps: supervisorApps },
  ],
  [/^\.env(?:\..+)?$|\.env$/, { what: 'a file of variables', hint: 'name it in an app: `env_file: .env`' }],
  [/^dockerfile(?:\..+)?$/i, { what: 'a Dockerfile', hint: WRITE_APPS }],
  [
    /\.pm2(?:\.bak)?$/,
    {
      what: "PM2's memory of its processes",
      hint: 'stateward import pm2 FILE makes an ecosystem file of it',
    },
  ],
  [
    /^package\.json$/,
    {
      what: 'the file of an npm package',
      hint: 'stateward init writes ecosystem.yaml for it',
    },
  ],
];

/** What to say of a file that is known by its name, and that is not an ecosystem file; null for any other. */
export function foreignFile(path: string, shown: string): Failure | null {
  const name = basename(path);
  const found = BY_NAME.find(([pattern]) => pattern.test(name))?.[1] ?? foreignText(name, path);
  if (found === undefined) return null;
  const apps = found.apps?.(textOf(path), name) ?? [];
  const more = apps.length > SHOWN_APPS ? [`  # and ${apps.length - SHOWN_APPS} more`] : [];
  const details = apps.length === 0 ? {} : { details: ['apps:', ...apps.slice(0, SHOWN_APPS), ...more] };
  return {
    code: 'CONFIG_UNREADABLE',
    message: `${shown} is ${found.what}, not an ecosystem file`,
    hint: found.hint,
    position: { file: shown },
    ...details,
  };
}

/** supervisord's files are called anything. */
function foreignText(name: string, path: string): ForeignFile | undefined {
  if (!/\.(?:conf|ini)$/.test(name) || !/^\[program:/m.test(textOf(path))) return undefined;
  return { what: 'a file of supervisord', hint: importWith('supervisor'), apps: supervisorApps };
}

function procfileApps(text: string): readonly string[] {
  return [...text.matchAll(/^([\w-]+):[ \t]*(\S.*)$/gm)].map(([, name = '', script = '']) =>
    app({ name, script }),
  );
}

function supervisorApps(text: string): readonly string[] {
  return text.split(/^\[/m).flatMap((section) => {
    const name = /^program:([^\]\n]+)\]/.exec(section)?.[1]?.trim();
    const script = setting(section, 'command');
    if (name === undefined || script === undefined) return [];
    return [app({ name, script, cwd: setting(section, 'directory'), uid: setting(section, 'user') })];
  });
}

function unitApps(text: string, file: string): readonly string[] {
  const script = setting(text, 'ExecStart')?.replace(/^[-@:+!]+/, '');
  if (script === undefined || script === '') return [];
  const name = file.replace(/@?\.[a-z]+$/, '');
  return [app({ name, script, cwd: setting(text, 'WorkingDirectory'), uid: setting(text, 'User') })];
}

function setting(text: string, key: string): string | undefined {
  return new RegExp(`^${key}[ \\t]*=[ \\t]*(.+)$`, 'm').exec(text)?.[1]?.trim();
}

function app(fields: Readonly<Record<string, string | undefined>>): string {
  const given = Object.entries(fields).filter(([, value]) => value !== undefined);
  return `  - { ${given.map(([key, value]) => `${key}: ${JSON.stringify(value)}`).join(', ')} }`;
}

function textOf(path: string): string {
  try {
    return readFileSync(path, 'utf8').slice(0, LIMITS.fileBytes);
  } catch {
    return '';
  }
}
