import type { SourceNode } from '../read/source.ts';
import { nearest } from '../../lib/nearest.ts';
import { APP_ALIASES } from './canonical-keys.ts';

/** Keys that only a file of apps has beside each other in one map. */
const APPS = ['apps', 'pm2'];

/** A text without any of these words declares nothing, and need not be parsed. */
export function mayDeclare(text: string): boolean {
  return /\b(?:apps|pm2|script|exec|cmd|command)\b/.test(text);
}

/**
 * Whether something in a folder declares apps. A mistake in it must not hide it, so that a list of apps under a key that
 * is nearly right counts too.
 */
export function isDeclaration(root: SourceNode): boolean {
  if (root.kind === 'list') return root.items.some(isApp);
  if (root.kind !== 'map') return false;
  if (APPS.some((key) => hasApps(root.entries.get(key)?.value))) return true;
  const similar = [...root.entries].filter(([key]) => nearest(key, APPS) !== null);
  return similar.some(([, { value }]) => hasScripts(value)) || (isApp(root) && root.entries.has('name'));
}

/** A list of maps, or maps by name; an empty list says that nothing is wanted, which is a declaration too. */
function hasApps(node: SourceNode | undefined): boolean {
  if (node?.kind === 'list') return node.items.length === 0 || node.items.some(({ kind }) => kind === 'map');
  if (node?.kind !== 'map') return false;
  return isApp(node) || [...node.entries.values()].some(({ value }) => isApp(value));
}

function hasScripts(node: SourceNode): boolean {
  if (node.kind === 'list') return node.items.some(isApp);
  return node.kind === 'map' && [...node.entries.values()].some(({ value }) => isApp(value));
}

function isApp(node: SourceNode): boolean {
  if (node.kind !== 'map') return false;
  return [...node.entries].some(
    ([key, { value }]) => (APP_ALIASES.get(key) ?? key) === 'script' && value.kind === 'scalar',
  );
}
