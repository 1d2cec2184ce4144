import {
  chmodSync,
  mkdirSync,
  readFileSync,
  readdirSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import type { ProjectOutline } from '../../../api/contract/wire/unchanged/unchanged.ts';
import type { HostChecks } from '../../../config/apps/load-apps.ts';
import type { InputRecord } from '../../../config/inputs/input-record.ts';
import { homeLayout } from '../../../home/layout.ts';
import { unsafeHome } from '../../../home/check.ts';
import { BUILD, VERSION } from '../../../lib/programs/build.ts';
import type { ReadFrom } from '../../../spec/read-from/read-from.ts';

/** Which reading of ecosystem files a record is of. */
export interface Reading {
  /** The folder that the command runs in. */
  readonly cwd: string;
  /** As given with `-f`; empty: the one that is found there. */
  readonly files: readonly string[];
  readonly env: string | null;
  readonly hostChecks: HostChecks;
}

/**
 * What ecosystem files declared when they were read last, without the specs, and what that followed from. It holds no value
 * of the environment and no content of a file.
 */
export interface DeclaredRecord extends InputRecord {
  readonly reading: Reading;
  /** What the hash of the answers is keyed with. */
  readonly key: string;
  /** The files that were meant. */
  readonly files: readonly string[];
  readonly projects: readonly ProjectOutline[];
  readonly readFrom: Readonly<Record<string, ReadFrom>>;
  /** Of the basis of a plan; null: none was made. */
  readonly desiredHash: string | null;
}

/** Whatever reads files otherwise may come to something else. */
const MADE_BY = `${VERSION}-${BUILD} ${process.version} ${process.platform}-${process.arch}`;
/** In bytes: what is larger is read as a whole each time. */
const MAX_BYTES = 8 * 1024 * 1024;
/** Of one home; the oldest go. */
const MAX_RECORDS = 32;
const OTHERS = 0o077;

/** Whether records may be kept and used: `STATEWARD_NO_RECORD=1` has everything read again. */
export function keepsRecords(env: Readonly<Record<string, string | undefined>>): boolean {
  return ['', '0'].includes(env['STATEWARD_NO_RECORD'] ?? '');
}

/** The record of a reading; null: there is none that can be used. */
export function readDeclaredRecord(home: string, reading: Reading): DeclaredRecord | null {
  try {
    const path = recordPath(home, reading);
    const { uid, mode } = statSync(path);
    if (unsafeHome(home) !== null || uid !== process.getuid?.() || (mode & OTHERS) !== 0) return null;
    const { madeBy, ...record } = JSON.parse(readFileSync(path, 'utf8')) as DeclaredRecord & {
      readonly madeBy: string;
    };
    return madeBy === MADE_BY && textOf(record.reading) === textOf(reading) ? record : null;
  } catch {
    return null;
  }
}

/** Keeps a record where there is a home already. What cannot be kept only saves no time. */
export function writeDeclaredRecord(home: string, record: DeclaredRecord): void {
  const folder = homeLayout(home).declared;
  const path = recordPath(home, record.reading);
  const temporary = `${path}.${process.pid}`;
  try {
    if (!statSync(home).isDirectory() || unsafeHome(home) !== null) return;
    const text = JSON.stringify({ madeBy: MADE_BY, ...record });
    if (text.length > MAX_BYTES) return;
    // A umask takes from the modes that both are made with.
    if (mkdirSync(folder, { recursive: true, mode: 0o700 }) !== undefined) chmodSync(folder, 0o700);
    writeFileSync(temporary, text, { mode: 0o600, flag: 'wx' });
    chmodSync(temporary, 0o600);
    renameSync(temporary, path);
    removeOldest(folder);
  } catch {
    rmSync(temporary, { force: true });
  }
}

function removeOldest(folder: string): void {
  const names = readdirSync(folder);
  if (names.length <= MAX_RECORDS) return;
  const aged = names.map((name) => ({ name, at: statSync(join(folder, name)).mtimeMs }));
  for (const { name } of aged.toSorted((a, b) => b.at - a.at).slice(MAX_RECORDS)) {
    rmSync(join(folder, name), { force: true });
  }
}

function recordPath(home: string, reading: Reading): string {
  return join(homeLayout(home).declared, `${shortHash(textOf(reading))}.json`);
}

function textOf({ cwd, files, env, hostChecks }: Reading): string {
  return JSON.stringify([cwd, files, env, hostChecks]);
}

/** Only a name: the record says of which reading it is. `node:crypto` would have to be loaded for it. */
function shortHash(text: string): string {
  let [high, low] = [0x811c9dc5, 0x01000193];
  for (let at = 0; at < text.length; at += 1) {
    const unit = text.charCodeAt(at);
    high = Math.imul(high ^ unit, 0x01000193);
    low = Math.imul(low ^ unit, 0x5bd1e995) ^ (low >>> 13);
  }
  return (high >>> 0).toString(16).padStart(8, '0') + (low >>> 0).toString(16).padStart(8, '0');
}
