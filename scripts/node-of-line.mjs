import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const store = join(tmpdir(), `stw-nodes-${process.getuid?.() ?? 'user'}`);

/** The binary of a line of Node (`24`), which comes from the npm registry as a package, and is kept. */
export function nodeOf(line) {
  const path = join(store, `node_modules/n${line}/bin/node`);
  if (!existsSync(path)) {
    mkdirSync(store, { recursive: true });
    const spec = `n${line}@npm:node-${process.platform}-${process.arch}@${line}`;
    execFileSync('npm', ['install', '--no-save', '--no-audit', '--no-fund', '--prefix', store, spec], {
      stdio: ['ignore', 'ignore', 'inherit'],
    });
  }
  return path;
}
