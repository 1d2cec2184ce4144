/** The types of OpenMetrics 1.0 that are used here. */
export type MetricType = 'gauge' | 'counter' | 'histogram' | 'stateset' | 'info';

/** One line: the suffix that its type has (`_total`, `_info`) is not in the name of the family. A histogram has several. */
export interface Sample {
  readonly labels: Readonly<Record<string, string>>;
  /** Finite. */
  readonly value: number;
  /** Of a histogram: `_bucket` has the label `le`, and counts what is in all buckets up to its own. */
  readonly suffix?: '_bucket' | '_sum' | '_count';
}

/**
 * All samples of one name. The name ends with its unit, where it has one; units are the base units of Prometheus: seconds,
 * bytes.
 */
export interface Family {
  readonly name: string;
  readonly type: MetricType;
  readonly help: string;
  readonly unit?: 'seconds' | 'bytes';
  readonly samples: readonly Sample[];
}

/** GET /v1/metrics. */
export interface MetricsDocument {
  readonly apiVersion: 'v1';
  readonly kind: 'Metrics';
  readonly families: readonly Family[];
}

/** What an agent measures in its process. */
export interface InstanceFigures {
  /** HTTP requests of the process. */
  readonly requests: number;
  /** null: not known yet. */
  readonly requestsPerMinute: number | null;
  /** How late its event loop was in the last seconds, in milliseconds: on average and at most; null: not known yet. */
  readonly eventLoopLagMs: number | null;
  readonly eventLoopLagMaxMs: number | null;
  /** Absent from here on: its agent is older than what measures it. How long the event loop was busy, and waited. */
  readonly loop?: { readonly activeSeconds: number; readonly idleSeconds: number };
  readonly heap?: { readonly usedBytes: number; readonly totalBytes: number };
  /** Collections of garbage, and how long the app stood still for them, in those seconds that were looked at. */
  readonly gc?: { readonly count: number; readonly seconds: number; readonly ofSeconds: number };
  /** HTTP of the process since its first request; absent: it has had none. */
  readonly served?: ServedInfo;
}

/** Upper bounds of `buckets`, in seconds; the last bucket has none. */
export const BUCKET_SECONDS = [0.001, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10] as const;

export interface ServedInfo {
  readonly requests: number;
  /** Answers of 1xx, 2xx, ... 5xx. */
  readonly statuses: readonly number[];
  /** Answers by how long they took: each is in one bucket. */
  readonly buckets: readonly number[];
  /** How long all of them took. */
  readonly seconds: number;
  /** Open now. */
  readonly connections: number;
}
