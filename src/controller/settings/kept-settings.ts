import type { SettingValues } from '../../home/settings/generated/setting-fields.ts';
import { settingProblems } from '../../home/settings/setting-problems.ts';
import type { SettingPlace } from '../../home/settings/settings-answer.ts';
import { isObject } from '../../lib/checks.ts';
import { readStateFile, writeStateFile } from '../../state/disk/durable-file.ts';

/** Settings as they were taken over from a file. */
export interface KeptSettings {
  readonly values: SettingValues;
  readonly places: Readonly<Record<string, SettingPlace>>;
  /** Of the bytes of the file; null: there was none. */
  readonly hash: string | null;
  /** When, epoch milliseconds. */
  readonly takenAt: number;
}

/** What was kept; null: nothing was yet, or nothing that can be used, which `log` is told. */
export async function readKept(
  path: string,
  {
    home,
    now,
    repair,
    log,
  }: {
    readonly home: string;
    readonly now: number;
    /** Whether a damaged file may be put right. */
    readonly repair: boolean;
    readonly log: (line: string) => void;
  },
): Promise<KeptSettings | null> {
  const isUsable = (data: unknown): boolean =>
    isObject(data) && isObject(data.values) && isObject(data.places);
  const read = await readStateFile(path, { repair, now, isUsable });
  if (!read.ok) {
    log(`settings: ${read.error.failure.message}; without those that were kept`);
    return null;
  }
  if (read.value.notice !== null) log(`settings: ${read.value.notice}`);
  const kept = read.value.data as KeptSettings | undefined;
  if (kept === undefined) return null;
  // Another version may have other bounds.
  const problems = settingProblems(kept.values, home);
  if (problems.length === 0) return kept;
  log(
    `settings: those that were kept cannot be used any more: ${problems.map(({ message }) => message).join('; ')}`,
  );
  return null;
}

/** Keeps settings for the time when their file cannot be used. Rejects with what the file system says. */
export async function keep(path: string, settings: KeptSettings): Promise<void> {
  await writeStateFile(path, settings);
}
