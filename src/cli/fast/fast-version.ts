import type { DaemonStatus } from '../../api/contract/wire/daemon.ts';
import { homeLayout, resolveHome } from '../../home/layout.ts';
import { renderVersions, versionsOf } from '../views/daemon/versions.ts';

export interface FastVersionOptions {
  readonly version: string;
  readonly build: string;
  readonly node: string;
  readonly env: Readonly<Record<string, string | undefined>>;
  /** GET over a Unix socket; rejects when nobody answers. */
  readonly fetch: (socketPath: string, path: string) => Promise<{ readonly body: string }>;
}

/** What `version` prints; a daemon that does not answer, or not as known here, counts as not running. */
export async function fastVersion({ version, build, node, env, fetch }: FastVersionOptions): Promise<string> {
  let status: DaemonStatus | null = null;
  try {
    const { body } = await fetch(homeLayout(resolveHome(undefined, env)).apiSocket, '/v1/status');
    status = JSON.parse(body) as DaemonStatus;
  } catch {
    // Not running.
  }
  return renderVersions(versionsOf({ version, build }, node, status));
}
