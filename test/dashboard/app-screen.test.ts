import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { eventually } from '../support/eventually.ts';
import { Host } from '../support/host.ts';
import { barriers, isMissing, SHOTS, Windows, type Opened } from './support/window.ts';

/** Measures something, and can be asked to do something. */
const TALKS = `
  const say = (type, data) => process.send({ type: 'stateward:' + type, data });
  let depth = 0;
  setInterval(() => say('metrics', { 'queue depth': { value: 100 + (depth++ % 50), unit: 'jobs' } }), 200);
  say('action', { name: 'level', parameter: true, description: 'Sets the level of the log.' });
  process.on('message', (message) => {
    if (message?.type !== 'stateward:call') return;
    const { id, parameter } = message.data;
    say('reply', { id, value: { level: parameter } });
  });`;

let host: Host;
let windows: Windows;
let dash: Opened;

beforeAll(async () => {
  if (isMissing) return;
  host = new Host();
  host.write('talks.js', TALKS);
  host.write('shop.env', 'DB_HOST=db.internal\n');
  host.write(
    'ecosystem.yaml',
    `project: shop
apps:
  - name: web
    script: ./talks.js
    instances: 2
    env_file: ./shop.env
    env:
      LEVEL: info
`,
  );
  await host.ok('apply');
  windows = await Windows.of(host);
  dash = await windows.open('--write');
}, 120_000);

afterAll(async () => {
  if (isMissing) return;
  await windows[Symbol.asyncDispose]();
  await host[Symbol.asyncDispose]();
}, 60_000);

describe.skipIf(isMissing)('the screen of an app', () => {
  test('says in which file, and on which line, each setting and each variable stands', async () => {
    const { page, base } = dash;
    await page.goto(`${base}/apps/shop/web/config`);
    const rowOf = (name: string) =>
      page.getByRole('row').filter({ has: page.getByText(name, { exact: true }) });
    await rowOf('instances').getByText('ecosystem.yaml:5').waitFor();
    await rowOf('LEVEL').getByText('ecosystem.yaml:8').waitFor();
    await rowOf('DB_HOST').getByText('shop.env:1').waitFor();
    // What no file says is told apart, and out of the way.
    expect(await page.getByText('treekill', { exact: true }).isVisible()).toBe(false);
    await page.getByText(/settings that no file says/).click();
    await rowOf('treekill').getByText('default').waitFor();
  });

  test('shows what the app reports as it changes, and asks before it has it do something', async () => {
    const { page, base } = dash;
    await page.goto(`${base}/apps/shop/web/metrics`);
    const depth = page.getByRole('row').filter({ has: page.getByText('queue depth') });
    await depth.waitFor();
    const before = await depth.textContent();
    await eventually(async () => (await depth.textContent()) !== before);
    await page.getByRole('button', { name: 'level…' }).click();
    await page.getByRole('heading', { name: 'level on shop/web' }).waitFor();
    await page.getByLabel('Parameter').fill('debug');
    expect(await barriers(page, "['wcag2a', 'wcag2aa']")).toEqual([]);
    await page.getByRole('button', { name: 'Run in 2 processes' }).click();
    await page.getByText('instance 1: replied').waitFor();
    await page.getByText('"level": "debug"').first().waitFor();
    await page.screenshot({ path: join(SHOTS, 'action.png') });
    await page.keyboard.press('Escape');
  });

  test('scales, and says what that does before it does it', async () => {
    const { page } = dash;
    await page.getByRole('button', { name: 'Scale…' }).click();
    await page.getByLabel('Instances').fill('1');
    await page.getByText('Stops instance 1; the other one is not touched.').waitFor();
    await page.screenshot({ path: join(SHOTS, 'scale.png') });
    expect(await barriers(page, "['wcag2a', 'wcag2aa']")).toEqual([]);
    await page.getByRole('button', { name: 'Scale to 1' }).click();
    await page.getByText('1/1 ready').waitFor();
    const [app] = (await host.apps()).items;
    expect(app?.status.override?.instances).toBe(1);
  });

  test('lists the round that did it, with why and how long', async () => {
    const { page, base } = dash;
    await page.goto(`${base}/activity/rounds`);
    const round = page.getByRole('row').filter({ has: page.getByText('stop slot 1: ScaledByOperator') });
    await round.getByText('done').waitFor();
    expect(await round.textContent()).toMatch(/what is wanted changed.*\d(?:ms|s)/);
    const printed = await host.ok('rounds', 'shop/web');
    expect(printed.stdout).toMatch(/what is wanted changed +stop slot 1: ScaledByOperator/);
  });

  test('does none of it for who may only look', async () => {
    const { page, base, context } = await windows.open();
    await page.goto(`${base}/apps/shop/web/metrics`);
    await page.getByRole('button', { name: 'level…' }).click();
    const run = page.getByRole('button', { name: /^Run in/ });
    expect(await run.getAttribute('aria-disabled')).toBe('true');
    await page.keyboard.press('Escape');
    await page.getByRole('button', { name: 'Scale…' }).click();
    await page.getByLabel('Instances').fill('5');
    const scale = page.getByRole('button', { name: 'Scale to 5' });
    expect(await scale.getAttribute('aria-disabled')).toBe('true');
    await context.close();
  });

  test('has thrown nothing, and asked nobody else', () => {
    expect(windows.complaints).toEqual([]);
  });
});
