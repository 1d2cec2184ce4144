const POLL_MS = 5;

/**
 * Waits for something that no event tells of (a file's content, a process's end) by looking again and again, until
 * `look` gives something else than undefined or false. The test's own time limit ends a wait in vain.
 */
export async function eventually<T>(
  look: () => Promise<T | undefined | false> | T | undefined | false,
): Promise<T> {
  for (;;) {
    const found = await look();
    if (found !== undefined && found !== false) return found;
    await new Promise((resolve) => setTimeout(resolve, POLL_MS));
  }
}
