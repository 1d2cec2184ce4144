/** What the schema says of one key of config.yaml. */
export interface SettingField {
  /** `duration`, `list of text`; `map`: it holds other keys. */
  readonly type: string;
  readonly description: string;
  readonly examples: readonly unknown[];
  /** As it would stand in the file; absent: there is none, or it depends on the host. */
  readonly default?: unknown;
  /** Of a default that no value says. */
  readonly defaultText?: string;
  /** Of a duration: the shortest and the longest that is taken. */
  readonly least?: string;
  readonly most?: string;
}
