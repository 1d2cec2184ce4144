import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { Host } from '../support/host.ts';
import { isMissing, SHOTS, Windows, type Opened } from './support/window.ts';

const COUNT = 500;
/** Of the whole page, whatever there is: what is not seen is not drawn. */
const MOST_NODES = 2_500;
const MOST_ROWS = 80;
/** Fifty times the key that goes to the next app. */
const HELD = `for (let left = 50; left > 0; left -= 1)
  document.body.dispatchEvent(new KeyboardEvent('keydown', { key: 'j', bubbles: true }));`;
const nameOf = (index: number): string => `app-${String(index).padStart(3, '0')}`;

let host: Host;
let windows: Windows;
let dash: Opened;

beforeAll(async () => {
  if (isMissing) return;
  host = new Host();
  host.write('app.js', 'setInterval(() => {}, 1e6);');
  const declared = Array.from({ length: COUNT }, (_, index) => ({
    ...{ name: nameOf(index), script: './app.js', min_uptime: 0 },
    // Two run; the others are known, and cost no process.
    autostart: index < 2,
  }));
  host.declare(...declared);
  await host.ok('apply', '--no-wait');
  windows = await Windows.of(host);
  dash = await windows.open();
}, 240_000);

afterAll(async () => {
  if (isMissing) return;
  await windows[Symbol.asyncDispose]();
  await host[Symbol.asyncDispose]();
}, 120_000);

const nodes = (): Promise<number> => dash.page.evaluate<number>('document.querySelectorAll("*").length');
const rows = () => dash.page.locator('.row.app');

describe.skipIf(isMissing)('the overview of 500 apps', { timeout: 180_000 }, () => {
  test('shows the first of them, and draws only what is seen', async () => {
    const { page } = dash;
    await page.getByText(`1 project · ${COUNT} apps`).waitFor();
    await page
      .getByRole('link', { name: nameOf(0), exact: true })
      .first()
      .waitFor();
    expect(await nodes()).toBeLessThan(MOST_NODES);
    expect(await rows().count()).toBeLessThan(MOST_ROWS);
    await page.screenshot({ path: join(SHOTS, 'many-apps.png') });
  });

  test('is filtered by what is typed', async () => {
    const { page } = dash;
    await page.keyboard.press('/');
    await page.keyboard.type('app-417');
    await page
      .getByRole('link', { name: nameOf(417), exact: true })
      .first()
      .waitFor();
    await page.getByRole('link', { name: nameOf(0), exact: true }).waitFor({ state: 'detached' });
    expect(await rows().first().textContent()).toContain(nameOf(417));
    await page.keyboard.press('Escape');
    await page
      .getByRole('link', { name: nameOf(0), exact: true })
      .first()
      .waitFor();
  });

  test('is walked through to the last app by keys, and opens it', async () => {
    const { page } = dash;
    const at = page.locator('.row.app.at');
    // As a key that is held: faster than each step is drawn.
    for (let left = COUNT; left > 0; left -= 50) await page.evaluate(HELD);
    await at.getByRole('link', { name: nameOf(COUNT - 1), exact: true }).waitFor();
    expect(await at.isVisible()).toBe(true);
    expect(await nodes()).toBeLessThan(MOST_NODES);
    expect(await rows().count()).toBeLessThan(MOST_ROWS);
    await page.screenshot({ path: join(SHOTS, 'many-apps-end.png') });
    await page.keyboard.press('Enter');
    await page.getByRole('heading', { level: 1, name: `shop/${nameOf(COUNT - 1)}` }).waitFor();
  });

  test('finds an app among them by a few letters', async () => {
    const { page } = dash;
    await page.keyboard.press('Control+k');
    await page.getByRole('combobox', { name: /^Go to an app/ }).fill('app333');
    await page.getByRole('option', { name: /app-333/ }).waitFor();
    expect(await page.getByRole('option').count()).toBeLessThan(MOST_ROWS);
    await page.keyboard.press('Enter');
    await page.getByRole('heading', { level: 1, name: `shop/${nameOf(333)}` }).waitFor();
  });

  test('has thrown nothing, and asked nobody else', () => {
    expect(windows.complaints).toEqual([]);
  });
});
