import { statfsSync } from 'node:fs';
import { formatBytes } from '../../lib/units.ts';
import type { AppSpec } from '../../spec/types.ts';

/** A tmpfs, or a small volume: on anything larger the log files of apps are not what fills it first. */
const SMALL_BYTES = 2 * 1024 ** 3;

/** How large the log files of an app below the home can grow, in bytes; Infinity: without bound. */
export function logBound(spec: AppSpec): number {
  const { log_rotate: rotate, merge_logs: isMerged, instances, disable_logs: isOff } = spec;
  const inHome = [spec.out_file, spec.error_file].filter((file) => file === null || file === '-').length;
  if (isOff || inHome === 0) return 0;
  if (rotate === null) return Infinity;
  const files = inHome * (isMerged ? 1 : instances);
  // What is being written is not removed.
  const total = Math.max(rotate.max_total ?? Infinity, files * rotate.size);
  return Math.min(files * rotate.size * (rotate.keep + 1), total);
}

/** What to know where log files can outgrow the small file system that the home is on. null: nothing. */
export function logRoomWarning(apps: readonly AppSpec[], home: string): string | null {
  const bound = apps.reduce((sum, spec) => sum + logBound(spec), 0);
  const room = roomOf(home);
  if (room === null || room > SMALL_BYTES || bound <= room) return null;
  const size = bound === Infinity ? 'without bound' : `to ${formatBytes(bound)}`;
  return (
    `log files can grow ${size}, and ${home} has room for ${formatBytes(room)}: disable_logs: true keeps no files ` +
    '(every line is shown here all the same), log_rotate: { size, keep } smaller ones'
  );
}

function roomOf(folder: string): number | null {
  try {
    const { bsize, blocks } = statfsSync(folder);
    return blocks === 0 ? null : bsize * blocks;
  } catch {
    return null;
  }
}
