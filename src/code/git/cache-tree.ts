/**
 * Whether something is staged in a folder and not committed, from what git itself notes in its index: it drops the hash of
 * a folder when a file of it is staged, and has it again after a commit or a checkout. Folders are paths with a slash at
 * the end, '' is the top. Without the note nothing is known to be staged.
 */
export function stagedIn(
  bytes: Buffer,
  extensionsAt: number,
  hashBytes: number,
): (folder: string) => boolean {
  const tree = extension(bytes, extensionsAt, hashBytes);
  if (tree === null) return () => false;
  const isKept = new Map<string, boolean>();
  readFolder(tree, { at: 0, parent: '', isTop: true }, { hashBytes, isKept });
  return (folder) => isKept.get(folder) !== true;
}

function extension(bytes: Buffer, from: number, hashBytes: number): Buffer | null {
  let at = from;
  while (at + 8 + hashBytes <= bytes.length) {
    const length = bytes.readUInt32BE(at + 4);
    if (bytes.toString('latin1', at, at + 4) === 'TREE') return bytes.subarray(at + 8, at + 8 + length);
    at += 8 + length;
  }
  return null;
}

/** `name\0COUNT SUBFOLDERS\n`, the hash where the count is not -1, then the folders below. Gives where it ends. */
function readFolder(
  tree: Buffer,
  { at, parent, isTop }: { readonly at: number; readonly parent: string; readonly isTop: boolean },
  known: { readonly hashBytes: number; readonly isKept: Map<string, boolean> },
): number {
  const nameEnd = tree.indexOf(0, at);
  const lineEnd = tree.indexOf(0x0a, nameEnd);
  if (nameEnd === -1 || lineEnd === -1) return tree.length;
  const folder = isTop ? '' : `${parent}${tree.toString('utf8', at, nameEnd)}/`;
  const [count = -1, folders = 0] = tree
    .toString('latin1', nameEnd + 1, lineEnd)
    .split(' ')
    .map(Number);
  known.isKept.set(folder, count >= 0);
  let next = lineEnd + 1 + (count >= 0 ? known.hashBytes : 0);
  for (let index = 0; index < folders && next < tree.length; index++) {
    next = readFolder(tree, { at: next, parent: folder, isTop: false }, known);
  }
  return next;
}
