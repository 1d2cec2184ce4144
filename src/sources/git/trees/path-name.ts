const MAX_PART_BYTES = 255;
const MAX_PATH_BYTES = 2_000;
/** Characters that some file systems pass over: with one of them in it, a name is another name there. */
const PASSED_OVER = /[\u200c-\u200f\u202a-\u202e\u206a-\u206f\ufeff]/gu;

/** Why no file may have this path in a release, or null. Names that look like options are fine: no program gets them as such. */
export function pathProblem(path: string): string | null {
  if (path === '') return 'a path is empty';
  if (path.startsWith('/')) return 'a path is absolute';
  if (Buffer.byteLength(path) > MAX_PATH_BYTES) return `a path is longer than ${MAX_PATH_BYTES} bytes`;
  if (/\p{Cc}/u.test(path)) return 'a path has a control character in it';
  for (const part of path.split('/')) {
    if (part === '') return 'a path has an empty part';
    if (part === '.' || part === '..') return `a path has "${part}" in it`;
    if (Buffer.byteLength(part) > MAX_PART_BYTES) return `a name is longer than ${MAX_PART_BYTES} bytes`;
    if (isGitFolder(part))
      return 'a path is that of a folder of git itself, or of one that other systems take for it';
  }
  return null;
}

/** `.git` as any file system would have it: letters of any case, characters passed over, `GIT~1`, `.git::$DATA`, `.git .`. */
function isGitFolder(part: string): boolean {
  return part.split('\\').some((piece) => {
    const [name = ''] = piece.replaceAll(PASSED_OVER, '').toLowerCase().split(':');
    const plain = name.replace(/[ .]+$/, '');
    return plain === '.git' || /^git~\d+$/.test(plain);
  });
}

/** For messages: a path that cannot move a cursor, at most 100 characters. */
export function shownPath(path: string): string {
  return JSON.stringify(path.length > 100 ? `${path.slice(0, 100)}…` : path).replaceAll(PASSED_OVER, '?');
}
