import type { Failure } from '../../lib/failure.ts';
import type { SettingValues } from './generated/setting-fields.ts';

/** Where a value stands, counted from 1. */
export interface SettingPlace {
  readonly line: number;
  readonly column: number;
}

/** What a config.yaml says, or everything that is wrong in it. */
export type SettingsAnswer =
  | {
      readonly ok: true;
      readonly values: SettingValues;
      /** By the keys of `values`. */
      readonly places: Readonly<Record<string, SettingPlace>>;
    }
  | { readonly ok: false; readonly failures: readonly Failure[] };

/** What the program that reads files of people is asked, on its standard input; it answers with a SettingsAnswer. */
export interface SettingsRequest {
  /** The bytes of the file, in base64. */
  readonly settings: string;
  /** The file as people know it. */
  readonly shown: string;
  /** Where paths in it begin, absolute. */
  readonly home: string;
}
