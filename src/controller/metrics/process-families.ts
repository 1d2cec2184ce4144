import type { InstanceStatus } from '../../api/contract/wire/apps.ts';
import type { CustomMetric } from '../../api/contract/wire/custom/custom.ts';
import {
  BUCKET_SECONDS,
  type InstanceFigures,
  type MetricType,
  type Sample,
  type ServedInfo,
} from '../../api/contract/wire/metrics.ts';
import type { InstanceRow, Labels } from './samples.ts';

type Value = number | null | undefined;

/** One value of what the agent in a process measures; none: it has no agent, or that has not answered in time. */
function measured(
  name: string,
  type: MetricType,
  help: string,
  value: (figures: InstanceFigures) => Value,
): InstanceRow {
  const samples = ({ figures }: InstanceStatus, labels: Labels): readonly Sample[] => {
    const found = figures === undefined ? undefined : value(figures);
    return found === undefined || found === null ? [] : [{ labels, value: found }];
  };
  return [name, type, help, samples];
}

/** What the agent and the app in a process say of it. */
export const PROCESS_ROWS: readonly InstanceRow[] = [
  measured(
    'stateward_instance_http_requests',
    'counter',
    'HTTP requests of the process.',
    ({ served }) => served?.requests,
  ),
  [
    'stateward_instance_http_responses',
    'counter',
    'Answers of the process to HTTP requests, by the class of their status.',
    ({ figures }, labels) =>
      (figures?.served?.statuses ?? []).map((value, index) => ({
        labels: { ...labels, class: `${index + 1}xx` },
        value,
      })),
  ],
  [
    'stateward_instance_http_response_duration_seconds',
    'histogram',
    'How long answers of the process to HTTP requests took.',
    ({ figures }, labels) => (figures?.served === undefined ? [] : histogram(figures.served, labels)),
  ],
  measured(
    'stateward_instance_http_connections',
    'gauge',
    'Open connections of servers that have had an HTTP request.',
    ({ served }) => served?.connections,
  ),
  measured(
    'stateward_instance_event_loop_lag_seconds',
    'gauge',
    'How late the event loop was on average since it was asked before.',
    ({ eventLoopLagMs }) => seconds(eventLoopLagMs),
  ),
  measured(
    'stateward_instance_event_loop_lag_max_seconds',
    'gauge',
    'How late the event loop was at most since it was asked before.',
    ({ eventLoopLagMaxMs }) => seconds(eventLoopLagMaxMs),
  ),
  measured(
    'stateward_instance_event_loop_active_seconds',
    'counter',
    'How long the event loop was busy.',
    ({ loop }) => loop?.activeSeconds,
  ),
  measured(
    'stateward_instance_event_loop_idle_seconds',
    'counter',
    'How long the event loop waited for something to do.',
    ({ loop }) => loop?.idleSeconds,
  ),
  measured(
    'stateward_instance_heap_used_bytes',
    'gauge',
    'What the heap of JavaScript holds.',
    ({ heap }) => heap?.usedBytes,
  ),
  measured(
    'stateward_instance_heap_total_bytes',
    'gauge',
    'What the heap of JavaScript takes.',
    ({ heap }) => heap?.totalBytes,
  ),
  measured(
    'stateward_instance_gc_collections',
    'counter',
    'Collections of garbage in the time that was looked at.',
    ({ gc }) => gc?.count,
  ),
  measured(
    'stateward_instance_gc_seconds',
    'counter',
    'How long the app stood still for collections of garbage in the time that was looked at.',
    ({ gc }) => gc?.seconds,
  ),
  measured(
    'stateward_instance_gc_observed_seconds',
    'counter',
    'The time in which collections of garbage were looked at.',
    ({ gc }) => gc?.ofSeconds,
  ),
  [
    'stateward_custom_metric',
    'gauge',
    'What the app reports itself, by the name that it gives.',
    ({ metrics = [] }, labels) => metrics.flatMap((metric) => customSample(metric, labels)),
  ],
];

function histogram({ buckets, seconds: sum }: ServedInfo, labels: Labels): readonly Sample[] {
  let count = 0;
  const lines = buckets.map((inBucket, index): Sample => {
    count += inBucket;
    const le = BUCKET_SECONDS[index];
    return {
      labels: {
        ...labels,
        le: le === undefined ? '+Inf' : le.toFixed(le % 1 === 0 ? 1 : 3).replace(/(\.\d+?)0+$/, '$1'),
      },
      value: count,
      suffix: '_bucket',
    };
  });
  return [...lines, { labels, value: sum, suffix: '_sum' }, { labels, value: count, suffix: '_count' }];
}

/** Only what is a number, or reads as one, as much of what @pm2/io measures does. */
function customSample({ name, value, unit }: CustomMetric, labels: Labels): readonly Sample[] {
  const number = typeof value === 'string' && value.trim() === '' ? NaN : Number(value);
  return Number.isFinite(number) ? [{ labels: { ...labels, name, unit: unit ?? '' }, value: number }] : [];
}

function seconds(ms: number | null): number | null {
  return ms === null ? null : ms / 1_000;
}
