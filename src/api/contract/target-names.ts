/** What `--target` can say: this host, which every verb is about that says nothing, and other places. */
export const TARGET_NAMES = ['host', 'kubernetes'] as const;

export type TargetName = (typeof TARGET_NAMES)[number];

/** Places other than this host. */
export type OtherTarget = Exclude<TargetName, 'host'>;

export const OTHER_TARGETS = TARGET_NAMES.filter((name): name is OtherTarget => name !== 'host');
