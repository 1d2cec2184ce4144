import { basename } from 'node:path';
import type { AppSpec } from './types.ts';

/** Whether Node runs the script: `node`, `nodejs`, `node22`, or a path that ends with one of these. */
export function isNode(run: Pick<AppSpec, 'interpreter' | 'shell'>): boolean {
  return !run.shell && /^node(?:js)?(?:-?\d[\d.]*)?$/.test(basename(run.interpreter));
}

/** Whether the agent is loaded into it, and so whether it has a channel and can share its listen sockets. */
export function hasAgent(spec: Pick<AppSpec, 'agent' | 'interpreter' | 'shell'>): boolean {
  return spec.agent && isNode(spec);
}
