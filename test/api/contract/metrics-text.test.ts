import { describe, expect, it } from 'vitest';
import { acceptedFormat, metricsText } from '../../../src/api/contract/metrics/metrics-text.ts';
import type { Family } from '../../../src/api/contract/wire/metrics.ts';

const FAMILIES: readonly Family[] = [
  { name: 'a_info_of', type: 'info', help: 'What a "b" is.', samples: [{ labels: { b: 'x' }, value: 1 }] },
  {
    name: 'a_work_seconds',
    type: 'counter',
    unit: 'seconds',
    help: 'A \\ in\ntwo lines.',
    samples: [
      { labels: {}, value: 0.25 },
      { labels: { name: 'a "b" \\ c\nd' }, value: 1e21 },
    ],
  },
  { name: 'a_state', type: 'stateset', help: 'State.', samples: [{ labels: { a_state: 'on' }, value: 1 }] },
  { name: 'a_none', type: 'gauge', help: 'Nothing.', samples: [] },
];

describe('metrics as text', () => {
  it('are those of OpenMetrics, with types, units and an end', () => {
    expect(metricsText(FAMILIES, 'openmetrics')).toBe(`# TYPE a_info_of info
# HELP a_info_of What a \\"b\\" is.
a_info_of_info{b="x"} 1
# TYPE a_work_seconds counter
# UNIT a_work_seconds seconds
# HELP a_work_seconds A \\\\ in\\ntwo lines.
a_work_seconds_total 0.25
a_work_seconds_total{name="a \\"b\\" \\\\ c\\nd"} 1e+21
# TYPE a_state stateset
# HELP a_state State.
a_state{a_state="on"} 1
# EOF
`);
  });

  it('are those of Prometheus, which knows fewer types and names each sample as its family', () => {
    expect(metricsText(FAMILIES, 'prometheus')).toBe(`# HELP a_info_of_info What a "b" is.
# TYPE a_info_of_info gauge
a_info_of_info{b="x"} 1
# HELP a_work_seconds_total A \\\\ in\\ntwo lines.
# TYPE a_work_seconds_total counter
a_work_seconds_total 0.25
a_work_seconds_total{name="a \\"b\\" \\\\ c\\nd"} 1e+21
# HELP a_state State.
# TYPE a_state gauge
a_state{a_state="on"} 1
`);
  });

  it.each([
    [undefined, 'prometheus'],
    ['*/*', 'prometheus'],
    ['text/plain;version=0.0.4;q=0.5', 'prometheus'],
    ['application/openmetrics-text;version=1.0.0,text/plain;version=0.0.4;q=0.5', 'openmetrics'],
  ])('are sent to who accepts %s as %s', (accept, format) => {
    expect(acceptedFormat(accept)).toBe(format);
  });
});
