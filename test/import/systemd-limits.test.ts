import { expect, it } from 'vitest';
import { importSystemd } from '../../src/import/systemd/systemd.ts';

function rlimitsOf(...lines: readonly string[]): unknown {
  const text = ['[Service]', 'ExecStart=/bin/app', ...lines, ''].join('\n');
  const found = importSystemd([{ file: 'a.service', text }]);
  if (!found.ok) throw new Error('cannot be read');
  const [app] = found.value.apps;
  return app?.fields['rlimits'] ?? app?.notes.map((note) => note.text);
}

it.each<readonly [string, unknown]>([
  ['LimitCPU=5min', { cpu: 300 }],
  ['LimitCPU=1min 30s:infinity', { cpu: '90:unlimited' }],
  ['LimitCPU=1500ms', { cpu: 2 }],
  ['LimitCPU=60', { cpu: 60 }],
  ['LimitRTTIME=200ms', { rttime: 200_000 }],
  ['LimitRTTIME=500us:1s', { rttime: '500:1000000' }],
  ['LimitRTTIME=950', { rttime: 950 }],
  ['LimitNICE=+5', { nice: 15 }],
  ['LimitNICE=-10', { nice: 30 }],
  ['LimitNICE=25', { nice: 25 }],
  ['LimitNOFILE=1024:infinity', { nofile: '1024:unlimited' }],
  ['LimitAS=4G', { as: '4G' }],
])('a limit of systemd becomes one of rlimits: %s', (line, rlimits) => {
  expect(rlimitsOf(line)).toEqual(rlimits);
});

it('one that means nothing is told', () => {
  expect(JSON.stringify(rlimitsOf('LimitCPU=soon'))).toContain('LimitCPU: soon');
});
