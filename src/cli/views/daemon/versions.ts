import type { DaemonStatus } from '../../../api/contract/wire/daemon.ts';

/** Bundled by something else than the build: there is nothing to tell apart. */
const UNKNOWN = 'unknown';

/** What `version` tells; null: does not run. */
export interface Versions {
  readonly cli: string;
  readonly daemon: string | null;
  readonly runner: string | null;
  readonly node: string;
  /** Which build of its version each is of; null: does not run, or is too old to say. */
  readonly builds: {
    readonly cli: string;
    readonly daemon: string | null;
    readonly runner: string | null;
  };
}

/** A program of ours: its version, and which build of that. */
export interface Program {
  readonly version: string;
  readonly build: string;
}

/** `status` null: no daemon answers. */
export function versionsOf(cli: Program, node: string, status: DaemonStatus | null): Versions {
  const { controller, runner } = status ?? { controller: null, runner: null };
  return {
    cli: cli.version,
    daemon: controller?.version ?? null,
    runner: runner?.version ?? null,
    node,
    builds: { cli: cli.build, daemon: controller?.build ?? null, runner: runner?.build ?? null },
  };
}

/** `0.1.0, build 0f3a91c2d4e5`, as far as it is known. */
export function programText({
  version,
  build,
}: {
  readonly version: string;
  readonly build?: string;
}): string {
  return build === undefined || build === UNKNOWN ? version : `${version}, build ${build}`;
}

/** One line a program. */
export function renderVersions({ cli, daemon, runner, node, builds }: Versions): string {
  const text = (version: string, build: string | null): string =>
    programText({ version, ...(build !== null && { build }) });
  const lines = [
    `stateward ${text(cli, builds.cli)}`,
    `daemon    ${daemon === null ? 'not running' : text(daemon, builds.daemon)}`,
    ...(runner === null ? [] : [`runner    ${text(runner, builds.runner)}`]),
    `node      ${node}`,
  ];
  return `${lines.join('\n')}\n`;
}
