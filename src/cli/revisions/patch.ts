const CONTEXT_LINES = 3;
const SEPARATOR = /^=+\n/;

/** A unified diff of two texts as git writes it: without tabs behind the names, and without a line above them. */
export async function patchOf(
  names: readonly [string, string],
  [from, to]: readonly [string, string],
): Promise<string> {
  const { createTwoFilesPatch } = await import('diff');
  const patch = createTwoFilesPatch(...names, from, to, undefined, undefined, { context: CONTEXT_LINES });
  return patch.replace(SEPARATOR, '').replace(/^(---|\+\+\+) (.*)\t$/gm, '$1 $2');
}
