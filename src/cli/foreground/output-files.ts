import { readlinkSync, statSync } from 'node:fs';

/** The files that this process writes to: `stateward dev > out.log` must not restart what it shows. Linux only. */
export function outputFiles(): readonly string[] {
  const paths = [1, 2].flatMap((descriptor) => {
    try {
      const path = readlinkSync(`/proc/self/fd/${descriptor}`);
      return statSync(path).isFile() ? [path] : [];
    } catch {
      return [];
    }
  });
  return [...new Set(paths)];
}
