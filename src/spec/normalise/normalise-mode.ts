import { basename } from 'node:path';
import type { App } from '../generated/ecosystem.ts';
import { hasAgent, isNode } from '../node-app.ts';
import type { SpecNote } from './normalise-context.ts';
import type { AppSpec } from '../types.ts';

const PACKAGE_RUNNERS = new Set([
  'npm',
  'npx',
  'pnpm',
  'pnpx',
  'yarn',
  'yarnpkg',
  'bun',
  'bunx',
  'tsx',
  'ts-node',
]);

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
  run: Pick<AppSpec, 'script' | 'interpreter' | 'shell' | 'agent'>,
  instances: number,
): { readonly mode: AppSpec['exec_mode']; readonly notes: readonly SpecNote[] } {
  const asked = app.exec_mode?.startsWith('cluster') === true;
  const implied = app.exec_mode === undefined && app.instances !== undefined;
  if (!asked && !implied) return { mode: 'fork', notes: [] };
  if (hasAgent(run)) return { mode: 'cluster', notes: [] };
  if (isNode(run)) {
    return { mode: 'fork', notes: asked || instances > 1 ? [onlyWithAgent(asked)] : [] };
  }
  const runner = !run.shell && PACKAGE_RUNNERS.has(basename(run.script));
  if (!asked && !(runner && instances > 1)) return { mode: 'fork', notes: [] };
  const what = run.shell
    ? 'a shell line'
    : `${basename(run.script)}${runner ? '' : ', which Node does not run,'}`;
  return { mode: 'fork', notes: [onlyNode(asked, what, runner)] };
}

function onlyNode(asked: boolean, what: string, runner: boolean): SpecNote {
  return noEffect(
    asked ? 'exec_mode' : 'instances',
    `${what} runs in fork mode: only a Node script can share its listen sockets`,
    runner
      ? 'name the script that it starts (node_modules/.bin/... or a .js file), or set `exec_mode: fork`'
      : 'set `exec_mode: fork`',
  );
}

function onlyWithAgent(asked: boolean): SpecNote {
  return noEffect(
    asked ? 'exec_mode' : 'instances',
    'runs in fork mode: instances share their listen sockets through the agent, and `agent` is false',
    'leave `agent` out, or set `exec_mode: fork`',
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
    ...(spec.wait_ready
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
