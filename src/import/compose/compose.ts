import { nodeAt } from '../../config/read/source.ts';
import { err, ok } from '../../lib/result.ts';
import { splitWords } from '../../spec/normalise/run/split-words.ts';
import { AppBuilder } from '../model/build-app.ts';
import { programFields } from '../model/command.ts';
import { nothingIn, type Fields, type ImportedApp, type ImportResult } from '../model/imported.ts';
import { isPlain, plainValue, textsOf, variablesAt, type Plain } from '../model/plain-node.ts';
import { inFolder } from '../model/paths.ts';
import { usualStopSignal } from '../model/stop-signal.ts';
import { withUniqueNames } from '../model/unique-names.ts';
import type { ComposeText, OpenFile } from './files/compose-file.ts';
import { readComposeProject, type ComposeProject } from './files/read-project.ts';
import { inTexts, secretFiles, serviceSecrets } from './secrets.ts';
import { setting, type Around } from './settings.ts';
import { composeVariables, withVariables } from './variables.ts';

/** Where the files of a project are found, beside those given. */
export interface ComposeSurroundings {
  readonly open: OpenFile;
  /** There is a file `.env` beside the first one. */
  readonly hasDotEnv: boolean;
}

/**
 * Compose files, each over those before it: services with a command are apps, and those that only an image describes are
 * named in the head. What files include and extend is followed.
 */
export function importCompose(
  files: readonly [ComposeText, ...ComposeText[]],
  { open, hasDotEnv }: ComposeSurroundings,
): ImportResult {
  const read = readComposeProject(files, open);
  if (!read.ok) return read;
  const { root, names } = read.value;
  const [{ shown: file, folder }] = files;
  const services = new Map(names.map((name) => [name, serviceAt(read.value, name)]));
  const runnable = names.filter((name) => commandOf(services.get(name) ?? {}) !== null);
  const apps = runnable.map((name) =>
    appOf(name, services.get(name) ?? {}, { ...read.value, runnable, folder }),
  );
  const head = names
    .filter((name) => !runnable.includes(name))
    .flatMap((name) => notHere(name, services.get(name) ?? {}));
  if (apps.length === 0) {
    const hint =
      'an image says what it runs only to a container: write `command:` for what is to run on this host';
    return err([nothingIn(file, 'service with a command', hint)]);
  }
  const rest = [...root.entries.keys()].filter((key) => /^(?:volumes|networks|configs)$/.test(key));
  const beside = [
    ...read.value.head,
    ...(rest.length === 0 ? [] : [`Not imported: ${rest.join(', ')}, which belong to containers.`]),
    ...(hasDotEnv && refersTo(apps) ? [DOT_ENV] : []),
  ];
  return ok({ apps: withUniqueNames(apps), root: projectOf(root), head: [...head, ...beside], warnings: [] });
}

const DOT_ENV =
  '${NAME}: Compose takes it from .env too, stateward from the environment of the command: set -a; . ./.env; set +a';

function refersTo(apps: readonly ImportedApp[]): boolean {
  return apps.some(({ fields }) => /(?<!\$)\$\{/.test(JSON.stringify(fields)));
}

/** The name that Compose knows the project by. */
function projectOf(root: ComposeProject['root']): Fields {
  const name = plainValue(nodeAt(root, ['name']));
  return typeof name === 'string' && /^[a-z0-9][\w-]*$/.test(name) ? { project: name } : {};
}

function serviceAt({ root }: Pick<ComposeProject, 'root'>, name: string): Plain {
  const value = plainValue(nodeAt(root, ['services', name]));
  return isPlain(value) ? value : {};
}

/** null: only the image knows. */
function commandOf({ entrypoint, command }: Plain): readonly string[] | null {
  const words = [entrypoint, command].flatMap((part) =>
    typeof part === 'string' ? splitWords(part) : part == null ? [] : textsOf(part),
  );
  return words.length === 0 || words[0] === '' ? null : words;
}

function notHere(name: string, { image, build }: Plain): readonly string[] {
  const what =
    typeof image === 'string'
      ? `the image ${image}`
      : build === undefined
        ? 'nothing'
        : 'an image that is built here';
  return [
    `not imported: ${name}: ${what} says what runs, so it is no process of this host. Leave it to Compose, or write its command as an app.`,
  ];
}

function appOf(name: string, written: Plain, around: Around): ImportedApp {
  const move = secretFiles(written, around);
  const service = inTexts(written, move) as Plain;
  const app = new AppBuilder(name);
  app.setAll(programFields(withVariables(commandOf(service) ?? [])));
  const { image } = service;
  if (typeof image === 'string') app.advice(`ran in the image ${image}: this host needs what it has in it`);
  environment(app, name, { ...around, move });
  serviceSecrets(app, written, around);
  for (const [key, value] of Object.entries(service)) setting(app, key, value, { service, around });
  if (service['restart'] === undefined) {
    app.set('autorestart', false);
    app.differs('autorestart', 'restart is not there: Compose leaves it down when it ends');
  }
  if (service['stop_grace_period'] === undefined) app.set('kill_timeout', '10s');
  const there = around.folders.get(name);
  if (there !== undefined && app.get('cwd') === undefined) app.set('cwd', inFolder(there, around.folder));
  for (const reference of unsaid(service)) app.advice(`${reference}: ${WITHOUT_NESTING}`);
  usualStopSignal(app);
  return app.build(true);
}

const WITHOUT_NESTING =
  'stateward has ${NAME}, ${NAME:-default} and ${NAME:?message}; write it as one of them';

/** References to variables that have no form here. */
function unsaid(service: Plain): readonly string[] {
  return [...new Set(JSON.stringify(service).match(/(?<!\$)\$\{\w+:?(?:\+[^}]*|[-?][^}]*\$\{[^}]*\})\}/g))];
}

function environment(
  app: AppBuilder,
  name: string,
  { root, names, move }: Around & { readonly move: (text: string) => string },
): void {
  const given = variablesAt(root, ['services', name, 'environment']);
  const inherited = Object.entries(given)
    .filter(([, value]) => value === null)
    .map(([key]) => key);
  const set = Object.entries(given).flatMap(([key, value]) =>
    value === null ? [] : [[key, composeVariables(move(value))] as const],
  );
  app.env(Object.fromEntries(set));
  if (inherited.length > 0) app.set('inherit_env', inherited);
  const hosts = names.filter((other) =>
    set.some(([, value]) => new RegExp(`(?:^|//|@)${literally(other)}(?::\\d|/|$)`).test(value)),
  );
  if (hosts.length > 0)
    app.advice(
      `${hosts.join(', ')}: names of services are no hosts here. What runs on this host is at 127.0.0.1`,
    );
}

function literally(text: string): string {
  return text.replace(/[.*+?^${}()|[\]\\/-]/g, '\\$&');
}
