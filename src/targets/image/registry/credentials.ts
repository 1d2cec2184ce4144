import { readFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';
import type { Failure } from '../../../lib/failure.ts';
import { err, ok, type Result } from '../../../lib/result.ts';
import { errorCode, errorMessage } from '../../../lib/system-error.ts';
import { findProgram } from '../../../sources/processes/find-program.ts';
import { lastLines } from '../../../sources/processes/last-lines.ts';
import { runProgram } from '../../../sources/processes/run-program.ts';

type Environment = Readonly<Record<string, string | undefined>>;

/** As whom a registry is asked. `token`: of an earlier log-in, which others are made from. */
export type Credentials =
  { readonly username: string; readonly password: string } | { readonly token: string };

interface DockerConfig {
  readonly auths?: Readonly<Record<string, { readonly auth?: string; readonly identitytoken?: string }>>;
  readonly credsStore?: string;
  readonly credHelpers?: Readonly<Record<string, string>>;
}

const HELPER_MS = 30_000;
const MAX_ANSWER = 1024 * 1024;
const NOT_THERE = /credentials not found|no credentials|not found in native keychain/i;
const HUB_KEYS: readonly string[] = [
  ...['https://index.docker.io/v1/', 'index.docker.io', 'docker.io', 'registry-1.docker.io'],
];

/**
 * What `docker login` has left for a registry: in `config.json` of DOCKER_CONFIG or ~/.docker, or with the program that is
 * named there (`docker-credential-…`). null: nothing, so it is asked as anybody.
 */
export async function credentialsFor(
  host: string,
  env: Environment,
): Promise<Result<Credentials | null, Failure>> {
  const file = join(env['DOCKER_CONFIG'] ?? join(env['HOME'] ?? homedir(), '.docker'), 'config.json');
  const read = readConfig(file);
  if (!read.ok || read.value === null) return read.ok ? ok(null) : read;
  const { auths = {}, credHelpers = {}, credsStore } = read.value;
  const keys =
    host === 'docker.io' ? HUB_KEYS : [host, `https://${host}`, `http://${host}`, `https://${host}/`];
  const helper = keys.map((key) => credHelpers[key]).find((name) => name !== undefined) ?? credsStore;
  if (helper !== undefined && helper !== '') {
    const server = host === 'docker.io' ? 'https://index.docker.io/v1/' : host;
    const asked = await askHelper(helper, server, env);
    if (!asked.ok || asked.value !== null) return asked;
  }
  const entry = keys
    .map((key) => auths[key])
    .find((one) => one?.auth !== undefined || one?.identitytoken !== undefined);
  if (entry === undefined) return ok(null);
  if (entry.identitytoken !== undefined) return ok({ token: entry.identitytoken });
  const pair = Buffer.from(entry.auth ?? '', 'base64')
    .toString('utf8')
    .replace(/\0+$/, '');
  const colon = pair.indexOf(':');
  if (colon > 0) return ok({ username: pair.slice(0, colon), password: pair.slice(colon + 1) });
  return err({
    code: 'REGISTRY_REFUSED',
    message: `${file} has no user and password for ${host}`,
    hint: `docker login ${host} writes them`,
  });
}

function readConfig(file: string): Result<DockerConfig | null, Failure> {
  try {
    const config: unknown = JSON.parse(readFileSync(file, 'utf8'));
    return ok(typeof config === 'object' && config !== null ? config : null);
  } catch (error) {
    if (errorCode(error) === 'ENOENT' || errorCode(error) === 'ENOTDIR') return ok(null);
    // What JSON says of a text quotes it, and here it may be a password.
    const why = error instanceof SyntaxError ? 'it is not JSON' : errorMessage(error);
    return err({
      code: 'REGISTRY_REFUSED',
      message: `cannot read ${file}, which says who you are to registries: ${why}`,
      hint: 'correct it, or name another folder with DOCKER_CONFIG',
    });
  }
}

/** As the protocol of credential helpers has it: the server on standard input, JSON on standard output. */
async function askHelper(
  name: string,
  server: string,
  env: Environment,
): Promise<Result<Credentials | null, Failure>> {
  const program = `docker-credential-${name}`;
  const file = /^[-\w.]+$/.test(name) ? findProgram(program, env['PATH']) : null;
  if (file === null) {
    return err({
      code: 'REGISTRY_REFUSED',
      message: `${program}, which has the password of ${server}, is not in the PATH`,
      hint: 'install it, or name another folder than ~/.docker with DOCKER_CONFIG',
    });
  }
  const { code, stdout, stderr } = await runProgram({
    ...{ file, args: ['get'], cwd: '/', env: definedIn(env), input: `${server}\n` },
    ...{ totalMs: HELPER_MS, maxOutput: MAX_ANSWER },
  });
  const said = stdout.toString('utf8');
  if (code !== 0) {
    if (NOT_THERE.test(said + stderr)) return ok(null);
    return err({
      code: 'REGISTRY_REFUSED',
      message: `${program} does not give the password of ${server}`,
      details: lastLines(stderr),
      hint: `echo ${server} | ${program} get shows why`,
    });
  }
  try {
    const { Username: username, Secret: secret } = JSON.parse(said) as Record<string, unknown>;
    if (typeof secret !== 'string' || secret === '') return ok(null);
    return ok(username === '<token>' ? { token: secret } : { username: String(username), password: secret });
  } catch {
    return err({
      code: 'REGISTRY_REFUSED',
      message: `${program} answers with something else than JSON`,
      hint: `echo ${server} | ${program} get shows it`,
    });
  }
}

/** The variables that are set. */
export function definedIn(env: Environment): Record<string, string> {
  return Object.fromEntries(
    Object.entries(env).filter((entry): entry is [string, string] => entry[1] !== undefined),
  );
}
