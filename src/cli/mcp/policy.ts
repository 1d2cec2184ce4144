import { splitAppKey, type AppKey } from '../../lib/app-key.ts';
import { fitsOne } from '../../notify/model/pattern.ts';

/** What whoever starts the server lets a client do. */
export interface Policy {
  /** Changes may be carried out at all. */
  readonly allowsChanges: boolean;
  /** Names, `project/name`, `project/`, with `*` for any text: nothing changes these apps. */
  readonly protected: readonly string[];
  /** Processes that one change may start, replace or stop. */
  readonly maxProcesses: number;
}

/** What a change does to one app. */
export interface Touched {
  readonly app: AppKey;
  readonly processes: number;
}

/**
 * Why a change is not for a client to carry out, in one line with the way out; null: it is. `policy` as a text: why nobody knows
 * it.
 */
export function refusal(touched: readonly Touched[], policy: Policy | string): string | null {
  if (typeof policy === 'string') return policy;
  if (!policy.allowsChanges)
    return 'this server only reads (stateward mcp --allow-changes lets it carry out)';
  const kept = touched.filter(({ app }) => isProtected(app, policy.protected)).map(({ app }) => app);
  if (kept.length > 0) return `${kept.join(', ')}: protected (--protect, mcp.protect); a person may do it`;
  const processes = touched.reduce((sum, one) => sum + one.processes, 0);
  if (processes > policy.maxProcesses) {
    return `it touches ${processes} processes, and ${policy.maxProcesses} is the most (--max-processes, mcp.max_processes); a person may do it`;
  }
  return null;
}

function isProtected(app: AppKey, patterns: readonly string[]): boolean {
  const { project, name } = splitAppKey(app);
  return [app, name, `${project}/`].some((text) => fitsOne(text, patterns));
}
