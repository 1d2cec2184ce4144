/** What apps have used of late, as the controller has sampled it. */
export interface UsageHistoryList {
  readonly apiVersion: 'v1';
  readonly kind: 'UsageHistoryList';
  /** From one value to the next. */
  readonly periodMs: number;
  readonly items: readonly UsageHistoryItem[];
}

/** All processes of an app with all that they have started, the oldest value first; null: nothing of it ran. */
export interface UsageHistoryItem {
  readonly project: string;
  readonly name: string;
  /** Of one processor. */
  readonly cpuPercent: readonly (number | null)[];
  readonly memoryBytes: readonly (number | null)[];
}
