import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** Longer, and a socket in it has no name any more. */
const LONGEST = 60;

/** A home for one command, which nobody else has. */
export interface OwnHome {
  readonly path: string;
  /** Takes it away, with everything in it. */
  remove(): void;
}

/** Makes it where temporary files go, for this user alone. */
export function makeOwnHome(folder = tmpdir()): OwnHome {
  const path = mkdtempSync(join(folder.length > LONGEST ? '/tmp' : folder, 'stateward-dev-'));
  return { path, remove: () => rmSync(path, { recursive: true, force: true }) };
}
