import { readJson } from '../../config/read/read-json.ts';
import { failureAt, sourceFile } from '../../config/read/source.ts';
import type { Failure } from '../../lib/failure.ts';
import { err, ok, type Result } from '../../lib/result.ts';

export type Plain = Readonly<Record<string, unknown>>;

/** One process of PM2: what `pm2_env` of `pm2 jlist` has, and what an entry of its dump is. */
export type Pm2Process = Plain;

export interface ReadList {
  readonly processes: readonly Pm2Process[];
  /** Which entries of the list are none, from 1. */
  readonly others: readonly number[];
}

/** Whether a text is a list of processes and not a declaration. */
export function isProcessList(text: string): boolean {
  return /"pm_exec_path"\s*:|"pm2_env"\s*:/.test(text) || /(?:^|\n)[ \t]*\[\s*\]\s*$/.test(text);
}

/**
 * The processes in a dump, or in what `pm2 jlist` prints. PM2 prints other things before its JSON at times
 * (`[PM2] Spawning PM2 daemon`): what stands before the list is passed over.
 */
export function readProcessList(file: string, text: string): Result<ReadList, readonly Failure[]> {
  const start = /^[ \t\ufeff]*(?=\[[ \t\r\n]*[{\]])/m.exec(text)?.index ?? 0;
  // Blanks keep the places of what follows.
  const json = text.slice(0, start).replace(/[^\n]/g, ' ') + text.slice(start).replace(/^\ufeff/, ' ');
  const parsed = parse(json) ?? parse(firstLine(json));
  if (parsed === undefined) {
    const source = sourceFile(file, json);
    const { failures } = readJson(source);
    const [first] = failures;
    const hint = 'save it again: pm2 jlist > jlist.json, or pm2 save';
    const message = 'this is not the JSON that PM2 writes';
    return err([
      first === undefined
        ? failureAt(source, null, { code: 'CONFIG_SYNTAX', message, hint })
        : { hint, ...first },
    ]);
  }
  if (!Array.isArray(parsed)) {
    const message = 'this is not a list of processes, as pm2 jlist and pm2 save write it';
    return err([wrong(file, message)]);
  }
  const entries = (parsed as readonly unknown[]).map(processOf);
  const processes = entries.filter((entry) => entry !== null);
  const others = entries.flatMap((entry, index) => (entry === null ? [index + 1] : []));
  const [first] = others;
  if (first !== undefined && processes.length === 0) {
    return err([wrong(file, `entry ${first} of the list is not a process of PM2`)]);
  }
  return ok({ processes, others });
}

/** PM2 prints its list in one line, and may say something after it. */
function firstLine(json: string): string {
  return json.trimStart().split('\n', 1).join('');
}

function processOf(item: unknown): Pm2Process | null {
  if (!isPlain(item)) return null;
  const env = item['pm2_env'];
  if (!isPlain(env)) return typeof item['pm_exec_path'] === 'string' ? item : null;
  const known = { pm_id: item['pm_id'], name: item['name'], ...env };
  return typeof env['pm_exec_path'] === 'string' ? known : null;
}

function wrong(file: string, message: string): Failure {
  const hint = 'what can be read: ~/.pm2/dump.pm2, the output of pm2 jlist, an ecosystem file';
  return { code: 'CONFIG_WRONG_TYPE', message, hint, position: { file } };
}

/** undefined: it is none. */
function parse(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return undefined;
  }
}

export function isPlain(value: unknown): value is Plain {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
