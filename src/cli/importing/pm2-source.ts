import { existsSync, readFileSync, statSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { text as readAll } from 'node:stream/consumers';
import { FILE_NAMES } from '../../config/read/find/file-names.ts';
import { findFiles, type FoundFile } from '../../config/read/find/find-files.ts';
import { LIMITS } from '../../config/read/limits.ts';
import { readDocuments } from '../../config/read/read-document.ts';
import { readApps } from '../../config/shape/read-apps.ts';
import { plainValue } from '../../import/model/plain-node.ts';
import { nodeAt, type SourceNode } from '../../config/read/source.ts';
import { configApps } from '../../import/pm2/config-apps.ts';
import { processApps, type Pm2Imported } from '../../import/pm2/process-apps.ts';
import { isProcessList, readProcessList } from '../../import/pm2/process-list.ts';
import type { Failure } from '../../lib/failure.ts';
import { err, ok, type Result } from '../../lib/result.ts';
import { errorCode } from '../../lib/system-error.ts';
import { escapeVariables } from '../../spec/variables.ts';
import type { CliContext } from '../session/context.ts';
import { isPm2Running, pm2Home, pm2Jlist } from './pm2-daemon.ts';

/** What PM2 was asked, or told, and what it says. */
export interface Pm2Source {
  /** In a few words, for people. */
  readonly what: string;
  readonly imported: Pm2Imported;
}

export interface Pm2SourceOptions {
  /** As it is typed; `-`: standard input; null: a running PM2, its dump, or the file of this folder. */
  readonly file: string | null;
  readonly env: string | null;
  /** The folder that the ecosystem file will be in. */
  readonly folder: string;
  readonly context: CliContext;
}

type Found = Result<Pm2Source, readonly Failure[]>;

/** Root keys that stay. Servers of `static` have become apps. */
const ROOT_KEYS = ['deploy', 'secrets'];

/** Reads what PM2 runs, or is told to run. Never starts PM2. */
export async function readPm2(options: Pm2SourceOptions): Promise<Found> {
  const { file, context } = options;
  if (file === null) return whatIsThere(options);
  if (file === '-') {
    const text = await readAll(process.stdin);
    if (isProcessList(text)) return processes('<stdin>', 'pm2 jlist', text, options);
    const found: FoundFile = { path: '-', shown: '<stdin>', format: 'stdin', isGuess: false };
    return config(found, options, text);
  }
  const path = resolve(context.cwd, file);
  const text = listText(path, file);
  if (!text.ok) return err([text.error]);
  if (text.value !== null) return processes(file, file, text.value, options);
  const found = findFiles(file, context.cwd);
  if (!found.ok) return err([found.error]);
  const [first, ...more] = found.value;
  if (first === undefined || more.length > 0) {
    const hint =
      more.length > 0
        ? `name one of them: ${found.value.map(({ shown }) => shown).join(', ')}`
        : 'name a file';
    return err([
      { code: 'USAGE', message: `${file} is a folder, with ${found.value.length} ecosystem files`, hint },
    ]);
  }
  return config(first, options);
}

async function whatIsThere(options: Pm2SourceOptions): Promise<Found> {
  const { context } = options;
  const home = pm2Home(context.env);
  if (home !== null && (await isPm2Running(home))) {
    const listed = await pm2Jlist(home, context.env);
    if (!listed.ok) return err([listed.error]);
    return processes('pm2 jlist', `the running PM2 (${home})`, listed.value, options);
  }
  const dump = home === null ? null : join(home, 'dump.pm2');
  if (dump !== null && existsSync(dump)) {
    const text = listText(dump, dump);
    if (!text.ok) return err([text.error]);
    return processes(dump, `what PM2 has saved (${dump})`, text.value ?? '', options);
  }
  const here = FILE_NAMES.find((name) => existsSync(join(context.cwd, name)));
  const message = 'no PM2 runs here, and it has saved nothing';
  const hint =
    here === undefined
      ? 'name what to import: a dump, the output of pm2 jlist (- for standard input), or an ecosystem file'
      : `import the file of this folder: stateward import pm2 ${here}`;
  const details = home === null ? [] : [`looked for a daemon and a dump in ${home} (PM2_HOME)`];
  return err([{ code: 'NOT_FOUND', message, hint, details }]);
}

/** The text of a list of processes; null: it is another file, or none that can be looked at here. */
function listText(path: string, shown: string): Result<string | null, Failure> {
  try {
    const stats = statSync(path, { throwIfNoEntry: false });
    const isDump = /\.pm2(?:\.bak)?$/.test(path);
    if (stats?.isFile() !== true || !(isDump || /\.json$|\/[^.]*$|\.txt$/.test(path))) return ok(null);
    if (stats.size > LIST_BYTES) {
      return err({
        code: 'CONFIG_TOO_LARGE',
        message: `${shown} is larger than ${LIST_BYTES / 1024 / 1024} MB`,
        position: { file: shown },
      });
    }
    const text = readFileSync(path, 'utf8');
    return ok(isDump || isProcessList(text) ? text : null);
  } catch (error) {
    const message = `cannot read ${shown}: ${errorCode(error) ?? String(error)}`;
    return err({ code: 'CONFIG_UNREADABLE', message, position: { file: shown } });
  }
}

/** A process takes about 5 kB. */
const LIST_BYTES = 16 * LIMITS.fileBytes;

function processes(file: string, what: string, text: string, { folder, context }: Pm2SourceOptions): Found {
  const read = readProcessList(file, text);
  if (!read.ok) return read;
  const home = context.env['HOME'] ?? null;
  const imported = processApps(read.value, { folder, home, environment: context.env });
  return imported.apps.length > 0 ? ok({ what, imported }) : err([nothing(file)]);
}

function nothing(file: string): Failure {
  const hint = 'stateward init writes a first ecosystem file';
  return { code: 'NOT_FOUND', message: 'PM2 has no apps', hint, position: { file } };
}

async function config(found: FoundFile, options: Pm2SourceOptions, stdin = ''): Promise<Found> {
  const { context, env, folder } = options;
  const { documents, failures } = await readDocuments(found, {
    env,
    environment: context.env,
    jsEvaluatorPath: context.files.evaluate,
    readStdin: () => Promise.resolve(stdin),
  });
  const from = found.path === '-' ? context.cwd : dirname(found.path);
  const home = context.env['HOME'] ?? '~';
  const hasFile = (path: string): boolean => existsSync(path.replace(/^~(?=\/|$)/, () => home));
  const parts: Pm2Imported[] = [];
  const wrong: Failure[] = [...failures];
  for (const document of documents) {
    // PM2 expands nothing.
    const literal = { ...document, root: withoutPm2Key(document.root), expands: false };
    const reading = { environment: {}, namesFile: () => true, isLoose: true } as const;
    const { file, failures: more } = readApps(literal, reading);
    wrong.push(...more);
    if (file === null) continue;
    const root = rootOf(document.root, file.project);
    const part = configApps(file, root, { from, folder, env, hasFile });
    const left = ROOT_KEYS.filter(
      (key) => nodeAt(document.root, [key]) !== undefined && !Object.hasOwn(root, key),
    );
    const head =
      left.length === 0 ? [] : ['', `Not taken over: ${left.join(', ')}, which is in ${found.shown}.`];
    parts.push({ ...part, head: [...part.head, ...head] });
  }
  const [first, ...rest] = parts;
  if (wrong.length > 0 || first === undefined) return err(wrong.length > 0 ? wrong : [nothing(found.shown)]);
  if (env !== null && !parts.some(({ environments }) => environments.includes(env))) {
    return err([
      unknownEnvironment(
        env,
        parts.flatMap(({ environments }) => environments),
        found.shown,
      ),
    ]);
  }
  const imported = { ...first, apps: [...first.apps, ...rest.flatMap(({ apps }) => apps)] };
  const under = env === null ? '' : ` --env ${env}`;
  return imported.apps.length > 0
    ? ok({ what: `${found.shown}${under}`, imported })
    : err([nothing(found.shown)]);
}

/** With `apps` there, PM2 does not look at `pm2`. */
function withoutPm2Key(root: SourceNode): SourceNode {
  if (root.kind !== 'map' || !root.entries.has('apps')) return root;
  return { ...root, entries: new Map([...root.entries].filter(([key]) => key !== 'pm2')) };
}

function unknownEnvironment(env: string, known: readonly string[], file: string): Failure {
  const names = [...new Set(known)].sort();
  const hint = names.length === 0 ? 'the file has none: leave --env out' : `it has ${names.join(', ')}`;
  return {
    code: 'CONFIG_UNKNOWN_ENVIRONMENT',
    message: `no app has an env_${env}`,
    hint,
    position: { file },
  };
}

/** What the root says beside the apps. Its values are not expanded, and not looked at. */
function rootOf(root: SourceNode, project: string | null): Readonly<Record<string, unknown>> {
  const kept = ROOT_KEYS.flatMap((key) => {
    const value = plainValue(nodeAt(root, [key]));
    const isEmpty = value === null || (typeof value === 'object' && Object.keys(value).length === 0);
    return isEmpty ? [] : [[key, escapeVariables(value)] as const];
  });
  return { ...(project !== null && { project }), ...Object.fromEntries(kept) };
}
