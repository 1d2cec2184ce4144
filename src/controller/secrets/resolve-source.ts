import { constants } from 'node:fs';
import { open } from 'node:fs/promises';
import { join } from 'node:path';
import { errorCode, errorMessage } from '../../lib/system-error.ts';
import { runProgram } from '../../sources/processes/run-program.ts';
import type { VariableSource } from '../../spec/secrets/variable-source.ts';

/** What sources are read with. */
export interface SourceContext {
  /** The environment of the daemon: what `from_env` is about, and where systemd says its credentials are. */
  readonly environment: Readonly<Record<string, string | undefined>>;
  /** What programs run with: the base that every app gets. */
  readonly baseEnv: Readonly<Record<string, string>>;
}

/** The value of one source. `absent`: there is none, so that a default counts; `failed`: why it cannot be read, with the way out. */
export type SourceValue =
  | { readonly kind: 'value'; readonly value: string }
  | { readonly kind: 'absent'; readonly message: string }
  | { readonly kind: 'failed'; readonly message: string };

const LIMIT = 64 * 1024;
const TIME_MS = 10_000;

/** Reads a source as it is now. Never rejects. */
export async function resolveSource(
  source: VariableSource,
  cwd: string,
  context: SourceContext,
): Promise<SourceValue> {
  const read = await inTime(readAny(source, cwd, context));
  const checked = read.kind === 'value' ? checkValue(read.value) : read;
  if (checked.kind !== 'absent') return checked;
  if (source.default !== undefined) return { kind: 'value', value: source.default };
  return checked;
}

function readAny(source: VariableSource, cwd: string, context: SourceContext): Promise<SourceValue> {
  const { from_file, from_exec, from_env, from_credential, from_sops } = source;
  if (from_file !== undefined) return readSecretFile(from_file, 'write the secret there');
  if (from_exec !== undefined) return run(from_exec, cwd, context);
  if (from_env !== undefined) return Promise.resolve(variable(from_env, context));
  if (from_credential !== undefined) return credential(from_credential, context);
  if (from_sops !== undefined) return sops(from_sops, source.key, context);
  return Promise.resolve(failed('nothing says where it is'));
}

/** A file system that does not answer must not keep a start waiting for ever. */
function inTime(reading: Promise<SourceValue>): Promise<SourceValue> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<SourceValue>((resolve) => {
    timer = setTimeout(() => resolve(failed('it was not read within 15 s')), TIME_MS + 5_000);
  });
  return Promise.race([reading, late]).finally(() => clearTimeout(timer));
}

async function readSecretFile(path: string, way: string): Promise<SourceValue> {
  try {
    // A FIFO without a writer would never open.
    const file = await open(path, constants.O_RDONLY | constants.O_NONBLOCK);
    try {
      const stats = await file.stat();
      if (!stats.isFile()) return failed(`${path} is not a file`);
      if (stats.size > LIMIT) return failed(`${path} is larger than 64 KiB`);
      return value(await file.readFile());
    } finally {
      await file.close();
    }
  } catch (error) {
    const code = errorCode(error);
    if (code === 'ENOENT' || code === 'ENOTDIR') return absent(`there is no file ${path}: ${way}`);
    if (code === 'EACCES')
      return failed(`the daemon may not read ${path}: chown it to the user of the daemon`);
    return failed(`${path} cannot be read: ${code ?? errorMessage(error)}`);
  }
}

function variable(name: string, { environment }: SourceContext): SourceValue {
  const found = environment[name];
  if (found !== undefined) return { kind: 'value', value: found };
  return absent(
    `the daemon has no variable ${name}: give it to its unit (Environment=, EnvironmentFile=) or to "stateward daemon run"; a daemon that a command starts takes nothing from the shell`,
  );
}

function credential(name: string, { environment }: SourceContext): Promise<SourceValue> {
  const folder = environment['CREDENTIALS_DIRECTORY'] ?? '';
  if (folder === '') {
    const message = `the daemon has no credentials: write LoadCredential=${name}:PATH into its unit`;
    return Promise.resolve(absent(message));
  }
  return readSecretFile(join(folder, name), `write LoadCredential=${name}:PATH into the unit of the daemon`);
}

async function run(
  command: readonly string[],
  cwd: string,
  { baseEnv }: SourceContext,
): Promise<SourceValue> {
  const [file = '', ...args] = command;
  const ended = await runProgram({ file, args, cwd, env: baseEnv, totalMs: TIME_MS, maxOutput: LIMIT });
  switch (ended.ended) {
    case 'too-long':
      return failed(`${file} did not end within 10 s`);
    case 'too-big':
      return failed(`${file} printed more than 64 KiB`);
    case 'stalled':
    case 'cancelled':
    case null:
      break;
  }
  if (ended.code === 0) return value(ended.stdout);
  // What it says of its failure may hold the secret: it is not repeated.
  if (ended.code === null && ended.stdout.length === 0 && /ENOENT/.test(ended.stderr)) {
    return failed(`the program ${file} is not there: install it, or mend its path`);
  }
  return failed(
    `${file} ended with ${ended.code === null ? 'a signal' : `code ${ended.code}`}: run it by hand`,
  );
}

async function sops(path: string, key: string | undefined, context: SourceContext): Promise<SourceValue> {
  const there = await readSecretFile(path, 'write it with sops');
  if (there.kind === 'absent') return there;
  const extract = key === undefined ? [] : ['--extract', extraction(key)];
  const read = await run(['sops', '--decrypt', ...extract, path], '/', {
    ...context,
    baseEnv: { ...context.baseEnv, ...sopsVariables(context.environment) },
  });
  return read;
}

/** `db.0.password` as sops has it: `["db"][0]["password"]`. */
function extraction(key: string): string {
  return key
    .split('.')
    .map((step) => (/^\d+$/.test(step) ? `[${step}]` : `[${JSON.stringify(step)}]`))
    .join('');
}

/** What tells sops where its keys are, as the daemon has it. */
function sopsVariables(
  environment: Readonly<Record<string, string | undefined>>,
): Readonly<Record<string, string>> {
  const names = /^(?:SOPS_|GNUPGHOME$|AWS_|AZURE_|GOOGLE_|VAULT_)/;
  return Object.fromEntries(
    Object.entries(environment).flatMap(([name, text]) =>
      names.test(name) && text !== undefined ? [[name, text] as const] : [],
    ),
  );
}

function value(bytes: Buffer): SourceValue {
  try {
    const text = new TextDecoder('utf-8', { fatal: true }).decode(bytes);
    return { kind: 'value', value: text.replace(/\r?\n$/, '') };
  } catch {
    return failed('it is no text in UTF-8: a variable cannot hold it');
  }
}

/** An empty file is one that is being written, far more often than an empty secret. */
function checkValue(text: string): SourceValue {
  if (text === '') return absent('it is empty: write it, or say default: ""');
  if (text.includes('\0')) return failed('it holds a NUL byte: a variable cannot hold it');
  if (Buffer.byteLength(text) > LIMIT) return failed('it is larger than 64 KiB');
  return { kind: 'value', value: text };
}

function failed(message: string): SourceValue {
  return { kind: 'failed', message };
}

function absent(message: string): SourceValue {
  return { kind: 'absent', message };
}
