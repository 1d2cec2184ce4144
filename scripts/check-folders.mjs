/**
 * A folder is one idea that fits into one look: no folder of the code has more than 16 files of its own. What has more
 * holds several ideas; each of them wants a folder and a line in docs/architecture.md.
 */
import { readdirSync } from 'node:fs';
import { join } from 'node:path';

const MOST = 16;

/** The folders under `root`, itself first, each with the number of its own files. */
function* foldersOf(root) {
  const entries = readdirSync(root, { withFileTypes: true });
  yield { folder: root, files: entries.filter((entry) => entry.isFile()).length };
  for (const entry of entries) if (entry.isDirectory()) yield* foldersOf(join(root, entry.name));
}

const folders = ['src', 'test', 'scripts'].flatMap((root) => [...foldersOf(root)]);
const full = folders.filter(({ files }) => files > MOST);
for (const { folder, files } of full) {
  console.error(`${folder}: ${files} files, ${MOST} is the most`);
  console.error(
    '  cut it by idea: what would you call the two halves? Each gets a folder and its line in docs/architecture.md',
  );
}
process.exitCode = full.length > 0 ? 1 : 0;
