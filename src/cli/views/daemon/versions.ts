import type { DaemonStatus } from '../../../api/contract/wire/daemon.ts';

/** What `version` tells; null: does not run. */
export interface Versions {
  readonly cli: string;
  readonly daemon: string | null;
  readonly runner: string | null;
  readonly node: string;
}

/** `status` null: no daemon answers. */
export function versionsOf(cli: string, node: string, status: DaemonStatus | null): Versions {
  return {
    cli,
    daemon: status?.controller?.version ?? null,
    runner: status?.runner?.version ?? null,
    node,
  };
}

/** One line a program. */
export function renderVersions({ cli, daemon, runner, node }: Versions): string {
  const lines = [
    `stateward ${cli}`,
    `daemon    ${daemon ?? 'not running'}`,
    ...(runner === null ? [] : [`runner    ${runner}`]),
    `node      ${node}`,
  ];
  return `${lines.join('\n')}\n`;
}
