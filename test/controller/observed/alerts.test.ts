import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { expect, it } from 'vitest';

const PROMTOOL = ['/usr/bin/promtool', '/usr/local/bin/promtool'].find((path) => existsSync(path));
const missing = PROMTOOL === undefined ? ' (skipped: there is no promtool here)' : '';

it.skipIf(PROMTOOL === undefined).each([
  ['are rules', 'check', '../../../docs/metrics/alerts.yaml'],
  ['fire when they should', 'test', './alerts.test.yaml'],
])(`the alerts that are shipped %s${missing}`, (_, verb, file) => {
  const path = fileURLToPath(new URL(file, import.meta.url));
  const { status, stdout, stderr } = spawnSync(PROMTOOL ?? '', [verb, 'rules', path], { encoding: 'utf8' });
  expect({ status, text: stdout + stderr }).toEqual({
    status: 0,
    text: expect.stringContaining('SUCCESS') as string,
  });
});
