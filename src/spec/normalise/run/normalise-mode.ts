import { basename } from 'node:path';
import type { App } from '../../generated/ecosystem.ts';
import { hasAgent, isNode } from '../../node-app.ts';
import {
  isSpawner,
  loaderOf,
  nodeStartOf,
  startsNode,
  wordsOfLine,
  type NodeStart,
  type PackageScripts,
} from './node-start.ts';
import type { SpecNote } from '../normalise-context.ts';
import type { AppSpec } from '../../types.ts';

/** A number, or `max` or 0 for one per processor, or -n for the processors less n; never less than 1. */
export function resolveInstances(declared: number | string | undefined, cpus: number): number {
  if (declared === undefined) return 1;
  const count = declared === 'max' ? 0 : Number(declared);
  return Math.max(1, count > 0 ? count : cpus + count);
}

/**
 * As in PM2: `instances` given for a Node script without `exec_mode` means cluster. Only Node can be clustered, and it
 * is the agent that does it.
 */
export function resolveMode(
  app: App,
  run: Pick<AppSpec, 'script' | 'interpreter' | 'shell' | 'agent' | 'args'>,
  { instances, scripts }: { readonly instances: number; readonly scripts: () => PackageScripts },
): { readonly mode: AppSpec['exec_mode']; readonly notes: readonly SpecNote[] } {
  const asked = isClusterAsked(app);
  if (!asked && !isClusterImplied(app)) return { mode: 'fork', notes: [] };
  const spawns = isNode(run) && isSpawner(run.script);
  if (hasAgent(run) && !spawns) return { mode: 'cluster', notes: [] };
  if (isNode(run) && !spawns) {
    return { mode: 'fork', notes: asked || instances > 1 ? [onlyWithAgent(asked, instances)] : [] };
  }
  const words = commandOf(run);
  const mayListen = [run.interpreter, words?.[0] ?? ''].some(startsNode);
  if (!asked && !(mayListen && instances > 1)) return { mode: 'fork', notes: [] };
  const start = words === null ? null : nodeStartOf(words, scripts());
  return { mode: 'fork', notes: [onlyNode({ asked, run, instances, start })] };
}

/** Whether instances are to share their sockets if that can be done: asked for, or as PM2 takes `instances`. */
export function wantsCluster(app: App): boolean {
  return isClusterAsked(app) || isClusterImplied(app);
}

function isClusterAsked({ exec_mode }: App): boolean {
  return exec_mode?.startsWith('cluster') === true;
}

function isClusterImplied({ exec_mode, instances }: App): boolean {
  return exec_mode === undefined && instances !== undefined;
}

/** The program that runs, with its arguments; null: a line that does more than run one. */
function commandOf(
  run: Pick<AppSpec, 'script' | 'interpreter' | 'shell' | 'args'>,
): readonly string[] | null {
  if (run.shell) return wordsOfLine(run.script);
  const command = [run.script, ...run.args];
  return run.interpreter === 'none' || isNode(run) ? command : [run.interpreter, ...command];
}

function onlyNode({
  asked,
  run,
  instances,
  start,
}: {
  readonly asked: boolean;
  readonly run: Pick<AppSpec, 'script' | 'interpreter' | 'shell'>;
  readonly instances: number;
  readonly start: NodeStart | null;
}): SpecNote {
  const what = run.shell ? 'a shell line' : whatRuns(run);
  const why =
    instances > 1
      ? `${what} is in fork mode, where processes share no socket: of ${instances} that listen on one port, one gets it`
      : `${what} is in fork mode: only a Node script can share its listen sockets`;
  const otherwise = forkMode(instances);
  const hint =
    start === null ? `${unknownWay(run)}${otherwise}` : `to share: ${written(start)}; or ${otherwise}`;
  return noEffect(asked ? 'exec_mode' : 'instances', why, hint);
}

/** Only what may have a file for Node behind it can be told to name that. */
function unknownWay({
  script,
  interpreter,
  shell,
}: Pick<AppSpec, 'script' | 'interpreter' | 'shell'>): string {
  const mayStartNode =
    shell || (interpreter === 'none' && basename(script) !== 'deno') || startsNode(interpreter);
  return mayStartNode ? 'name the .js file that it starts as `script`, with `interpreter: node`; or ' : '';
}

/** Processes of one app that do not share a port must not ask for the same. */
function forkMode(instances: number): string {
  return `\`exec_mode: fork\`${instances > 1 ? ' with `increment_var: PORT`, a port each' : ''}`;
}

function whatRuns({ script, interpreter }: Pick<AppSpec, 'script' | 'interpreter'>): string {
  if (isSpawner(script) || loaderOf(script) !== undefined) return basename(script);
  if (interpreter !== 'none') return `what ${basename(interpreter)} runs`;
  return `${basename(script)}, which Node does not run,`;
}

function written({ script, interpreterArgs, args }: NodeStart): string {
  const fields = [
    `\`script: ${script}\``,
    '`interpreter: node`',
    ...(interpreterArgs.length === 0 ? [] : [`\`interpreter_args: ${interpreterArgs.join(' ')}\``]),
    ...(args.length === 0 ? [] : [`\`args: ${args.join(' ')}\``]),
  ];
  return fields.join(', ');
}

function onlyWithAgent(asked: boolean, instances: number): SpecNote {
  return noEffect(
    asked ? 'exec_mode' : 'instances',
    'is in fork mode: instances share their listen sockets through the agent, and `agent` is false',
    `leave \`agent\` out, or ${forkMode(instances)}`,
  );
}

/** Settings that go over the channel, which only the agent opens. */
export function agentNotes(spec: AppSpec): SpecNote[] {
  if (hasAgent(spec)) return [];
  const why = isNode(spec) ? '`agent` is false' : 'Node does not run the app';
  return [
    ...(spec.shutdown_with_message
      ? [
          noEffect(
            'shutdown_with_message',
            `the app is stopped by a signal: no message reaches it, since ${why}`,
          ),
        ]
      : []),
    ...(spec.wait_ready && !spec.notify
      ? [
          noEffect(
            'wait_ready',
            `the app cannot say that it is ready, since ${why}`,
            'use a `readiness` probe',
          ),
        ]
      : []),
  ];
}

function noEffect(field: string, message: string, hint?: string): SpecNote {
  const note = { level: 'warning', code: 'CONFIG_NO_EFFECT', path: [field], message } as const;
  return hint === undefined ? note : { ...note, hint };
}
