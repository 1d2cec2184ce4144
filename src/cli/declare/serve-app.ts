import { existsSync, statSync } from 'node:fs';
import { resolve } from 'node:path';
import { SERVE_SCRIPT } from '../../spec/serve/serve-app.ts';
import { usageError } from '../session/failures.ts';

/** What the words and flags of `serve` say. */
export interface ServeWords {
  readonly args: readonly string[];
  readonly host: string | undefined;
  readonly homepage: string | undefined;
  readonly maxAge: string | undefined;
  readonly spa: boolean;
  /** `USER:FILE` */
  readonly basicAuth: string | undefined;
}

interface Surroundings {
  readonly cwd: string;
  readonly env: Readonly<Record<string, string | undefined>>;
}

const DEFAULT_PORT = 8080;

/** The entry under `apps` that says the same, without a name: PM2's variables count where nothing was typed. */
export function serveEntry(words: ServeWords, { cwd, env }: Surroundings): Readonly<Record<string, unknown>> {
  const { path, port } = placeOf(words.args, cwd);
  const text = (name: string): string | undefined => (env[name] === '' ? undefined : env[name]);
  const isOn = (name: string): boolean => /^(?:true|1)$/.test(env[name] ?? '');
  const password = isOn('PM2_SERVE_BASIC_AUTH') ? text('PM2_SERVE_BASIC_AUTH_PASSWORD') : undefined;
  const serve = {
    path: path ?? text('PM2_SERVE_PATH') ?? '.',
    port: readPort(port ?? text('PM2_SERVE_PORT') ?? text('PORT')),
    host: words.host ?? text('PM2_SERVE_HOST'),
    homepage: words.homepage ?? text('PM2_SERVE_HOMEPAGE'),
    max_age: words.maxAge,
    spa: words.spa || isOn('PM2_SERVE_SPA'),
    basic_auth:
      words.basicAuth !== undefined
        ? authOf(words.basicAuth, cwd)
        : password === undefined
          ? undefined
          : { username: text('PM2_SERVE_BASIC_AUTH_USERNAME') ?? '', password },
  };
  return {
    script: SERVE_SCRIPT,
    serve: Object.fromEntries(Object.entries(serve).filter(([, value]) => value !== undefined)),
  };
}

/** As PM2 calls it. */
export function serveName(entry: Readonly<Record<string, unknown>>): string {
  const { port } = entry['serve'] as { readonly port: number };
  return `static-page-server-${port}`;
}

/** `DIR PORT`, or one of them. */
function placeOf(args: readonly string[], cwd: string): { readonly path?: string; readonly port?: string } {
  const [first, second, third] = args;
  if (third !== undefined) throw usageError(`unexpected argument: ${third}`, 'stateward serve DIR PORT');
  if (first === undefined) return {};
  if (second !== undefined) return { path: first, port: second };
  return /^\d+$/.test(first) && !existsSync(resolve(cwd, first)) ? { port: first } : { path: first };
}

function readPort(port: string | undefined): number {
  if (port === undefined) return DEFAULT_PORT;
  if (/^\d{1,5}$/.test(port) && Number(port) >= 1 && Number(port) <= 65_535) return Number(port);
  throw usageError(
    `${JSON.stringify(port)} is not a port`,
    'stateward serve DIR PORT, a number from 1 to 65535',
  );
}

/** What stands behind the colon is not repeated: it may be the password itself. */
function authOf(text: string, cwd: string): { readonly username: string; readonly password_file: string } {
  const [, username, file] = /^([^:]+):(.+)$/s.exec(text) ?? [];
  const hint = 'write the password into a file of your own (chmod 600), and its path behind the name';
  if (username === undefined || file === undefined) throw usageError('--basic-auth takes USER:FILE', hint);
  if (isFile(resolve(cwd, file))) return { username, password_file: resolve(cwd, file) };
  throw usageError('--basic-auth USER:FILE: there is no such file', hint);
}

function isFile(path: string): boolean {
  try {
    return statSync(path).isFile();
  } catch {
    return false;
  }
}
