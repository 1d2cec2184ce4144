import type { App } from '../generated/ecosystem.ts';
import { readBasicAuth, readServe } from '../generated/read-app.ts';
import { SERVE_SCRIPT } from '../serve/serve-app.ts';
import { PASSWORD_VARIABLE } from '../serve/serve-variable.ts';
import type { AppSpec, ServeSpec } from '../types.ts';
import type { NormaliseContext, SpecNote } from './normalise-context.ts';
import { resolvePath } from './normalise-path.ts';
import { readWords } from './run/normalise-script.ts';

type Declared = NonNullable<App['serve']>;
type Env = Readonly<Record<string, string>>;

const MOST_PORT = 65_535;

/** What an app that serves files runs, and its variables. */
export interface ServeRun {
  readonly serve: ServeSpec;
  readonly fields: Pick<AppSpec, 'script' | 'interpreter' | 'interpreter_args' | 'args' | 'shell'>;
  readonly env: Env;
  readonly notes: readonly SpecNote[];
}

/** PM2's variables, by the key of `serve` that says the same. */
const VARIABLES = {
  path: 'PM2_SERVE_PATH',
  port: 'PM2_SERVE_PORT',
  host: 'PM2_SERVE_HOST',
  homepage: 'PM2_SERVE_HOMEPAGE',
} as const;

/**
 * The file server of an app, from `serve` and from PM2's variables (`script: serve`); `serve` wins. null: the app runs
 * something else. A password that is not in a file becomes a variable: nothing that holds it is shown.
 */
export function normaliseServe(
  app: App,
  env: Env,
  { cwd, context }: { readonly cwd: string; readonly context: NormaliseContext },
): ServeRun | null {
  if (!isServer(app, env, cwd, context)) return null;
  const { serve = {} } = app;
  const given: Declared = { ...fromVariables(env), ...serve };
  const auth = given.basic_auth;
  const { home } = context;
  const password = serve.basic_auth?.password;
  return {
    serve: readServe(given, {
      path: resolvePath(given.path ?? '.', cwd, home),
      homepage: (given.homepage ?? 'index.html').replace(/^\//, ''),
      basic_auth:
        auth === undefined
          ? null
          : readBasicAuth(auth, {
              username: auth.username,
              password_file:
                auth.password_file === undefined ? null : resolvePath(auth.password_file, cwd, home),
            }),
    }),
    fields: {
      script: SERVE_SCRIPT,
      interpreter: interpreterOf(app, cwd, home),
      interpreter_args: readWords(app.interpreter_args),
      args: [],
      shell: false,
    },
    env: password === undefined ? env : { ...env, [PASSWORD_VARIABLE]: password },
    notes: [...notesOf(app, auth, password ?? env[PASSWORD_VARIABLE]), ...portNotes(serve, given.port)],
  };
}

/** PM2 has a server of this name; a file, or a command that gets arguments, is meant as it is written. */
function isServer(app: App, env: Env, cwd: string, context: NormaliseContext): boolean {
  if (app.serve !== undefined) return true;
  if (app.script !== SERVE_SCRIPT || app.interpreter !== undefined) return false;
  if (env[VARIABLES.path] !== undefined) return true;
  return (
    app.args === undefined && context.inspect(resolvePath(app.script, cwd, context.home)).kind === 'missing'
  );
}

function interpreterOf({ interpreter }: App, cwd: string, home: string | null): string {
  if (interpreter === undefined) return 'node';
  return interpreter.includes('/') ? resolvePath(interpreter, cwd, home) : interpreter;
}

function fromVariables(env: Env): Declared {
  const found = Object.entries(VARIABLES).flatMap(([key, name]) =>
    env[name] === undefined || env[name] === '' ? [] : [[key, env[name]] as const],
  );
  const named = Object.fromEntries(found) as Declared;
  const port = named.port ?? env['PORT'];
  const username = env['PM2_SERVE_BASIC_AUTH_USERNAME'] ?? '';
  const asksForName = isOn(env['PM2_SERVE_BASIC_AUTH']) && username !== '';
  return {
    ...named,
    ...(port !== undefined && { port }),
    ...(isOn(env['PM2_SERVE_SPA']) && { spa: true }),
    ...(asksForName && { basic_auth: { username } }),
  };
}

function isOn(value: string | undefined): boolean {
  return value === 'true' || value === '1';
}

/** The schema has looked at what `serve` says, and at no variable. */
function portNotes(serve: Declared, port: Declared['port']): readonly SpecNote[] {
  if (serve.port !== undefined || port === undefined) return [];
  const number = Number(port);
  if (Number.isInteger(number) && number >= 1 && number <= MOST_PORT) return [];
  const message = `${JSON.stringify(port)} is not a port, and PM2_SERVE_PORT or PORT says that it is`;
  const hint = `write a number from 1 to ${MOST_PORT}`;
  return [{ level: 'error', code: 'CONFIG_BAD_VALUE', path: ['env'], message, hint }];
}

function notesOf(app: App, auth: Declared['basic_auth'], password: string | undefined): readonly SpecNote[] {
  const wrong = (path: readonly string[], message: string, hint: string): SpecNote => ({
    level: 'error',
    code: 'CONFIG_BAD_VALUE',
    path,
    message,
    hint,
  });
  const isBoth = app.serve !== undefined && app.script !== SERVE_SCRIPT;
  const hasFile = auth?.password_file !== undefined;
  return [
    ...(isBoth
      ? [
          wrong(
            ['serve'],
            'an app that serves files has no script',
            'make two apps of it, or leave one of them out',
          ),
        ]
      : []),
    ...(app.args === undefined
      ? []
      : [
          {
            level: 'warning',
            code: 'CONFIG_NO_EFFECT',
            path: ['args'],
            message: 'has no effect: the file server takes no arguments',
            hint: 'its settings are the keys of `serve`',
          } as const,
        ]),
    ...(auth !== undefined && !hasFile && (password ?? '') === ''
      ? [
          wrong(
            ['serve', 'basic_auth'],
            'a name without a password lets nobody in',
            'write `password_file: FILE`, the file that holds it',
          ),
        ]
      : []),
    ...(hasFile && app.serve?.basic_auth?.password !== undefined
      ? [
          wrong(
            ['serve', 'basic_auth', 'password'],
            'there is a `password_file` too',
            'leave one of them out',
          ),
        ]
      : []),
  ];
}
