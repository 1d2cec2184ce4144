/** The types of OpenMetrics 1.0 that are used here. */
export type MetricType = 'gauge' | 'counter' | 'stateset' | 'info';

/** One line: the suffix that its type has (`_total`, `_info`) is not in the name of the family. */
export interface Sample {
  readonly labels: Readonly<Record<string, string>>;
  /** Finite. */
  readonly value: number;
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
  /** HTTP requests since measuring began. */
  readonly requests: number;
  /** null: not known yet. */
  readonly requestsPerMinute: number | null;
  /** How late its event loop was in the last seconds, in milliseconds: on average and at most; null: not known yet. */
  readonly eventLoopLagMs: number | null;
  readonly eventLoopLagMaxMs: number | null;
}
