import type { AppStatus } from '../../../api/contract/wire/apps.ts';
import type { CustomAction, CustomMetric } from '../../../api/contract/wire/custom/custom.ts';
import { renderTable } from '../text/table.ts';
import { escapeControls } from '../text/text.ts';

type Instances = Pick<AppStatus, 'instances'>;

/** What the instances of an app report, a line a metric and a column an instance; empty: nothing. */
export function renderCustomMetrics({ instances }: Instances): string {
  const reporting = instances.filter(({ metrics = [] }) => metrics.length > 0);
  const names = new Set(reporting.flatMap(({ metrics = [] }) => metrics.map(({ name }) => name)));
  if (names.size === 0) return '';
  return renderTable(
    ['METRIC', ...reporting.map(({ slot }) => `SLOT ${slot}`)],
    [...names].map((name) => [
      { text: escapeControls(name, false) },
      ...reporting.map(({ metrics = [] }) => ({ text: valueText(metrics.find((one) => one.name === name)) })),
    ]),
  );
}

/** What the instances of an app offer, a line an action; empty: nothing. */
export function renderCustomActions({ instances }: Instances): string {
  const byName = new Map<string, CustomAction>();
  for (const { actions = [] } of instances) for (const action of actions) byName.set(action.name, action);
  if (byName.size === 0) return '';
  return renderTable(
    ['ACTION', 'PARAMETER', 'ABOUT'],
    [...byName.values()].map(({ name, parameter, description }) => [
      { text: escapeControls(name, false) },
      { text: parameter === undefined ? '?' : parameter ? 'yes' : 'no' },
      { text: description === undefined ? '-' : escapeControls(description, false) },
    ]),
  );
}

function valueText(metric: CustomMetric | undefined): string {
  if (metric === undefined) return '-';
  const { value, unit } = metric;
  return escapeControls(`${value}${unit === undefined ? '' : ` ${unit}`}`, false);
}
