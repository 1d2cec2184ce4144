import { HOST_FUNCTIONS } from './host-functions.ts';
import { quoted } from './quote.ts';
import type { DeployTarget, HookName } from './target.ts';

/** What is to be done on a host. */
export type DeployAction =
  | { readonly kind: 'setup' }
  | { readonly kind: 'update'; readonly ref: string }
  | { readonly kind: 'revert'; readonly steps: number }
  | { readonly kind: 'exec'; readonly command: string }
  | { readonly kind: 'list' | 'current' | 'previous' };

export interface ScriptOptions {
  readonly target: DeployTarget;
  readonly action: DeployAction;
  /** The ecosystem file, from the top of a release. */
  readonly file: string;
  /** `--env` of the reload. */
  readonly env: string | null;
  /** Begins the lines that say how far the script is. */
  readonly mark: string;
  /** The value of a variable as it is written; another one hides secrets. */
  readonly shown?: (name: string, value: string) => string;
}

/** Another deploy is at work. */
export const LOCKED = 75;

/**
 * The script for one host, for `sh -s`: nothing of it runs before all of it has come, because it is one function that is
 * called at its end.
 *
 *   lock ─▶ fetch ─▶ release folder ─▶ hooks ─▶ ready ─▶ current switched ─▶ reload ─▶ old releases removed
 *                     a failure up to here switches nothing                   └─ fails: switched back
 *
 * At `ready` it waits for GO on its standard input: so whoever deploys knows of a connection that is lost whether anything
 * can have been switched.
 */
export function deployScript(options: ScriptOptions): string {
  const { target, action, mark, file, env, shown = asWritten } = options;
  const variables = Object.entries(target.env).map(
    ([name, value]) => `export ${name}=${quoted(shown(name, value))}`,
  );
  const path = target.path.startsWith('~/') ? `"$HOME"/${quoted(target.path.slice(2))}` : quoted(target.path);
  return [
    'set -eu',
    'main() {',
    `P=${path}`,
    `MARK=${quoted(mark)}`,
    `FILE=${quoted(file)}`,
    `ENVIRONMENT=${quoted(env ?? '')}`,
    `KEEP=${target.keep}`,
    `REPO=${quoted(target.repo)}`,
    ...variables,
    'export GIT_TERMINAL_PROMPT=0',
    'export GIT_SSH_COMMAND="${GIT_SSH_COMMAND:-ssh -oBatchMode=yes -oConnectTimeout=10}"',
    'mark start',
    ...steps(action, target),
    '}',
    HOST_FUNCTIONS,
    // One line: whatever has been read of the input by then, what follows on it is the answer.
    'main 8<&0 </dev/null; exit',
    '',
  ].join('\n');
}

function asWritten(_name: string, value: string): string {
  return value;
}

function steps(action: DeployAction, { hooks }: DeployTarget): readonly string[] {
  const hook = (name: HookName, folder: string): readonly string[] =>
    hooks[name] === null ? [] : [`hook ${name} ${folder} ${quoted(hooks[name])}`];
  switch (action.kind) {
    case 'setup':
      return [
        'make_folders',
        'lock',
        ...hook('pre-setup', '"$P"'),
        'clone',
        ...hook('post-setup', '"$P"'),
        'mark done',
      ];
    case 'update':
      return [
        'need_setup',
        'need_stateward',
        'lock',
        `fetch ${quoted(action.ref)}`,
        'make_release',
        ...hook('pre-deploy', '"$DIR"'),
        ...hook('post-deploy', '"$DIR"'),
        'need_file "$DIR"',
        'finish_release',
        'go "releases/$NAME"',
      ];
    case 'revert':
      return [
        'need_setup',
        'need_stateward',
        'lock',
        `NAME=$(earlier ${action.steps})`,
        `[ -n "$NAME" ] || fail 1 "there is no release that is ${action.steps} before the current one: see list"`,
        'need_file "$P/releases/$NAME"',
        'go "releases/$NAME"',
      ];
    case 'exec':
      return ['need_current', `cd "$P/current"`, `"$(shell)" -e -c ${quoted(action.command)}`, 'mark done'];
    case 'list':
      return ['need_setup', 'releases | while read -r name; do tell "$name"; done', 'mark done'];
    case 'current':
      return ['need_current', 'tell "$(current)"', 'mark done'];
    case 'previous':
      return [
        'need_current',
        'NAME=$(earlier 1)',
        '[ -n "$NAME" ] || fail 1 "there is no earlier release"',
        'tell "$NAME"',
        'mark done',
      ];
  }
}
