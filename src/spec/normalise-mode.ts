import { basename } from 'node:path';
import type { App } from './generated/ecosystem.ts';
import { APP_FIELDS } from './generated/fields.ts';
import type { SpecNote } from './normalise-context.ts';
import type { AppSpec } from './types.ts';

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

/** As in PM2: `instances` given for a Node script without `exec_mode` means cluster. Only Node can be clustered. */
export function resolveMode(
  app: App,
  run: Pick<AppSpec, 'script' | 'interpreter' | 'shell'>,
  instances: number,
): { readonly mode: AppSpec['exec_mode']; readonly notes: readonly SpecNote[] } {
  const asked = app.exec_mode?.startsWith('cluster') === true;
  const implied = app.exec_mode === undefined && app.instances !== undefined;
  if (isNode(run)) {
    const mode = asked || implied ? 'cluster' : 'fork';
    return { mode, notes: mode === 'cluster' ? plannedCluster(asked, instances) : [] };
  }
  const runner = !run.shell && PACKAGE_RUNNERS.has(basename(run.script));
  if (!asked && !(implied && runner && instances > 1)) return { mode: 'fork', notes: [] };
  const what = run.shell
    ? 'a shell line'
    : `${basename(run.script)}${runner ? '' : ', which Node does not run,'}`;
  return { mode: 'fork', notes: [onlyNode(asked, what, runner)] };
}

function isNode(run: Pick<AppSpec, 'interpreter' | 'shell'>): boolean {
  return !run.shell && /^node(?:js)?(?:-?\d[\d.]*)?$/.test(basename(run.interpreter));
}

function onlyNode(asked: boolean, what: string, runner: boolean): SpecNote {
  return {
    level: 'warning',
    code: 'CONFIG_NO_EFFECT',
    path: [asked ? 'exec_mode' : 'instances'],
    message: `${what} runs in fork mode: only a Node script can share its listen sockets`,
    hint: runner
      ? 'name the script that it starts (node_modules/.bin/... or a .js file), or set `exec_mode: fork`'
      : 'set `exec_mode: fork`',
  };
}

function plannedCluster(asked: boolean, instances: number): SpecNote[] {
  const planned = APP_FIELDS['exec_mode']?.planned ?? null;
  if (planned === null || instances < 2) return [];
  const how = asked ? 'exec_mode: cluster' : 'exec_mode: cluster (from `instances`)';
  return [
    {
      level: 'warning',
      code: 'CONFIG_NO_EFFECT',
      path: [asked ? 'exec_mode' : 'instances'],
      message: `${how} is accepted but has no effect yet: ${planned}`,
      hint: 'give every instance a port of its own with `increment_var: PORT`, or use one instance',
    },
  ];
}
