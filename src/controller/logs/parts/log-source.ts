import type { AppKey } from '../../../lib/app-key.ts';
import type { LogSource as StampSource } from '../../../lib/log-times/log-stamp.ts';
import { appKey } from '../../../lib/app-key.ts';

/** Output that goes to a log file. */
export interface Claim {
  readonly app: AppKey;
  readonly slot: number;
  readonly stream: 'out' | 'err';
}

/** A log file, and whose lines are in it. */
export interface LogFile {
  /** Absolute. */
  readonly path: string;
  /** What is asked for. At least one. */
  readonly claims: readonly Claim[];
  /** What goes to the same file and is not asked for. */
  readonly others: readonly Claim[];
  /** How many rotated files are kept beside it; null: unknown, or any number. */
  readonly keep: number | null;
  /** Its lines begin with the time at which they were written, and it has no index: the daemon's own log. */
  readonly isDaemonLog?: true;
}

/** Where a line is from; a slot of null is not known. */
export interface Origin {
  readonly app: AppKey;
  readonly slot: number | null;
  readonly stream: 'out' | 'err';
}

/**
 * Where a line of a file is from: what the index says, as far as it does, and else what is known of the file. null: it is
 * of something that was not asked for.
 */
export function originOf({ claims, others }: LogFile, source: StampSource | null): Origin | null {
  if (source === null) return unknownOrigin(claims);
  const app = appKey(source.project, source.app);
  const { slot, stream } = source;
  const isSame = (claim: Claim): boolean =>
    claim.app === app && claim.slot === slot && claim.stream === stream;
  const claim = claims.find(isSame);
  if (claim !== undefined) return claim;
  if (others.some(isSame)) return null;
  // A slot that is no more, or an app that has another name by now.
  const streams = new Set(claims.map((one) => one.stream));
  if (!streams.has(stream)) return null;
  if (others.some((other) => other.app === app)) return null;
  const apps = new Set([...claims, ...others].map((one) => one.app));
  const [only] = apps;
  if (apps.has(app)) return { app, slot, stream };
  return apps.size === 1 && only !== undefined ? { app: only, slot, stream } : null;
}

function unknownOrigin(claims: readonly Claim[]): Origin | null {
  const [first] = claims;
  if (first === undefined) return null;
  const isOne = (of: (claim: Claim) => unknown): boolean => new Set(claims.map(of)).size === 1;
  return {
    app: first.app,
    slot: isOne(({ slot }) => slot) ? first.slot : null,
    stream: isOne(({ stream }) => stream) ? first.stream : 'out',
  };
}

/** Several outputs go to the file, so that only its index tells them apart. */
export function isShared({ claims, others }: LogFile): boolean {
  return claims.length + others.length > 1;
}
