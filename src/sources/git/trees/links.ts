const MAX_HOPS = 40;
/** As long as a path can be that the system follows. */
export const MAX_LINK_BYTES = 4_000;

/**
 * Whether a link leads out of its tree: followed as the system does it, through other links of the tree, where ".." means
 * the folder above the one that was reached, and not above the one that was named. One that leads nowhere, or in a
 * circle, is fine.
 */
export function leadsOut(link: string, links: ReadonlyMap<string, string>): boolean {
  const reached = link.split('/').slice(0, -1);
  const left = partsOf(links.get(link) ?? '');
  if (left === null) return true;
  for (let hops = 0, part = left.shift(); part !== undefined; part = left.shift()) {
    if (part === '' || part === '.') continue;
    if (part === '..') {
      if (reached.pop() === undefined) return true;
      continue;
    }
    const target = links.get([...reached, part].join('/'));
    if (target === undefined) {
      reached.push(part);
      continue;
    }
    const more = partsOf(target);
    if (more === null) return true;
    hops += 1;
    if (hops > MAX_HOPS) return false;
    left.unshift(...more);
  }
  return false;
}

/** null: an absolute path. */
function partsOf(target: string): string[] | null {
  return target.startsWith('/') || target.includes('\0') ? null : target.split('/');
}
