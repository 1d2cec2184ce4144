/** What `--target` can say: this host, which every verb is about that says nothing, and the places of the table beside this. */
export const TARGET_NAMES = ['host', 'kubernetes'] as const;

export type TargetName = (typeof TARGET_NAMES)[number];

/** Places other than this host. */
export type OtherTarget = Exclude<TargetName, 'host'>;
