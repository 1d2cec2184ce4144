import type { Family, MetricType, Sample } from '../wire/metrics.ts';

/** How metrics are written for other programs. */
export type MetricsFormat = 'prometheus' | 'openmetrics';

/** What a text is sent as. */
export const MEDIA_TYPES: Readonly<Record<MetricsFormat, string>> = {
  prometheus: 'text/plain; version=0.0.4; charset=utf-8',
  openmetrics: 'application/openmetrics-text; version=1.0.0; charset=utf-8',
};

/** Prometheus asks for OpenMetrics; others get what every one of them reads. */
export function acceptedFormat(accept: string | undefined): MetricsFormat {
  return accept?.includes('application/openmetrics-text') === true ? 'openmetrics' : 'prometheus';
}

const SUFFIX: Readonly<Record<MetricType, string>> = {
  gauge: '',
  counter: '_total',
  histogram: '',
  stateset: '',
  info: '_info',
};

/**
 * Metrics as text. `openmetrics`: as the specification 1.0 has it
 * (https://prometheus.io/docs/specs/om/open_metrics_spec/), where a family has a type, a unit and a name without suffix, and
 * `# EOF` is the end. `prometheus`: version 0.0.4 of Prometheus, which the textfile collector of node_exporter and promtool
 * read; it knows fewer types.
 */
export function metricsText(families: readonly Family[], format: MetricsFormat): string {
  const head = format === 'openmetrics' ? openMetricsHead : prometheusHead;
  const text = families
    .filter(({ samples }) => samples.length > 0)
    .map((family) => `${[...head(family), ...sampleLines(family)].join('\n')}\n`)
    .join('');
  return format === 'openmetrics' ? `${text}# EOF\n` : text;
}

function openMetricsHead({ name, type, unit, help }: Family): readonly string[] {
  return [
    `# TYPE ${name} ${type}`,
    ...(unit === undefined ? [] : [`# UNIT ${name} ${unit}`]),
    `# HELP ${name} ${escapeLabel(help)}`,
  ];
}

function prometheusHead({ name, type, help }: Family): readonly string[] {
  const full = `${name}${SUFFIX[type]}`;
  return [
    `# HELP ${full} ${escapeHelp(help)}`,
    `# TYPE ${full} ${type === 'counter' || type === 'histogram' ? type : 'gauge'}`,
  ];
}

function sampleLines({ name, type, samples }: Family): readonly string[] {
  return samples.map((sample) => sampleLine(`${name}${SUFFIX[type]}`, sample));
}

function sampleLine(name: string, { labels, value, suffix }: Sample): string {
  const pairs = Object.entries(labels).map(([label, text]) => `${label}="${escapeLabel(text)}"`);
  return `${name}${suffix ?? ''}${pairs.length === 0 ? '' : `{${pairs.join(',')}}`} ${value}`;
}

function escapeLabel(text: string): string {
  return escapeHelp(text).replaceAll('"', '\\"');
}

function escapeHelp(text: string): string {
  return text.replaceAll('\\', '\\\\').replaceAll('\n', '\\n');
}
