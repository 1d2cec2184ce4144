import type { Failure } from '../../../../lib/failure.ts';
import { objectOf } from '../../../../lib/checks.ts';
import type { Result } from '../../../../lib/result.ts';
import { checked } from '../../endpoints/checked.ts';

/** GET /v1/settings: what the daemon goes by. */
export interface SettingsInfo {
  readonly apiVersion: 'v1';
  readonly kind: 'Settings';
  /** The file, whether it is there or not. */
  readonly file: string;
  /** When what holds was taken over, RFC 3339. */
  readonly takenAt: string;
  /** Where the file said something else than a default when it was taken over, by dotted key. */
  readonly values: Readonly<Record<string, SettingInfo>>;
  /** What is wrong; absent: nothing. */
  readonly trouble?: SettingsTroubleInfo;
}

export interface SettingInfo {
  readonly value: string | number | boolean | readonly string[];
  /** Where it stands in the file; absent: nobody knows. */
  readonly line?: number;
  readonly column?: number;
}

/** Why not everything holds that the file says, each with the way out. */
export interface SettingsTroubleInfo {
  /** The file cannot be used: what was taken from it before holds. Empty: it can. */
  readonly broken: readonly Failure[];
  /** It says them, and they cannot be followed. */
  readonly unfollowed: readonly Failure[];
}

/** POST /v1/settings/take. */
export type TakeSettingsRequest = Readonly<Record<string, never>>;

const isTakeRequest = objectOf<TakeSettingsRequest>({});

export function checkTakeSettings(body: unknown): Result<TakeSettingsRequest, Failure> {
  return checked<TakeSettingsRequest>(isTakeRequest, body);
}
