import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { Host } from '../support/host.ts';
import { barriers, isMissing, SHOTS, Windows, type Opened } from './support/window.ts';

const HOSTILE = '<img src=x onerror="document.title=1"><script>document.title=2</script>';
const GOOD = `
  console.log('started', process.env.LEVEL);
  console.log(${JSON.stringify(HOSTILE)});
  setInterval(() => {}, 1e6);`;
/** Writes as much as it can, for a while. */
const FLOOD = `
  let left = 40000;
  const more = () => { for (let at = 0; at < 500; at += 1) console.log('flood', left--); if (left > 0) setImmediate(more); };
  more();
  setInterval(() => {}, 1e6);`;

const THEMES = [
  ['light', "['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa']"],
  ['dark', "['color-contrast']"],
] as const;

let host: Host;
let windows: Windows;

const web = (more: object = {}) => ({
  ...{ name: 'web', script: './web.js', instances: 2, min_uptime: 0, env: { LEVEL: 'info' } },
  ...{ rollout: { min_ready: '2s', parallel: 2, on_failure: 'pause' } },
  ...more,
});
const others = [
  { name: 'flood', script: './flood.js', autostart: false, min_uptime: 0 },
  { name: 'odd <b> &amp; name', script: './web.js', min_uptime: 0 },
];

beforeAll(async () => {
  if (isMissing) return;
  host = new Host();
  host.write('web.js', GOOD);
  host.write('flood.js', FLOOD);
  host.write('bad.js', "console.error('Error: this release is bad'); process.exit(1);");
  host.declare(web(), ...others);
  await host.ok('apply', '--no-wait');
  windows = await Windows.of(host);
}, 120_000);

afterAll(async () => {
  if (isMissing) return;
  await windows[Symbol.asyncDispose]();
  await host[Symbol.asyncDispose]();
}, 60_000);

describe.skipIf(isMissing)('the dashboard in a browser', () => {
  let dash: Opened;

  test('shows every screen in both themes and at every width, without barriers or anything too wide', async () => {
    dash = await windows.open('--write');
    const { page, base } = dash;
    const screens = [
      ['overview', '/', 'Overview'],
      ['logs', '/apps/shop/web/logs', 'shop/web'],
      ['metrics', '/apps/shop/web/metrics', 'shop/web'],
      ['instances', '/apps/shop/web/instances', 'shop/web'],
      ['config', '/apps/shop/web/config', 'shop/web'],
      ['revisions', '/apps/shop/web/revisions', 'shop/web'],
      ['changes', '/changes', 'Changes'],
      ['events', '/activity/events', 'Activity'],
      ['runs', '/activity/runs', 'Activity'],
      ['rounds', '/activity/rounds', 'Activity'],
      ['audit', '/activity/audit', 'Activity'],
    ] as const;
    for (const [name, path, title] of screens) {
      await page.goto(base + path);
      await page.getByRole('heading', { level: 1, name: title }).waitFor();
      await page.locator('main .bone').first().waitFor({ state: 'detached' });
      // The other theme has other colours, and nothing else.
      for (const [colorScheme, rules] of THEMES) {
        await page.emulateMedia({ colorScheme });
        expect([name, colorScheme, await barriers(page, rules)]).toEqual([name, colorScheme, []]);
        await page.screenshot({ path: join(SHOTS, `${name}-${colorScheme}.png`) });
      }
      for (const width of [320, 2560]) {
        await page.setViewportSize({ width, height: 900 });
        const beyond = await page.evaluate<number>('document.documentElement.scrollWidth - innerWidth');
        expect([name, width, Math.max(0, beyond)]).toEqual([name, width, 0]);
        await page.screenshot({ path: join(SHOTS, `${name}-${width}.png`) });
      }
      await page.setViewportSize({ width: 1280, height: 800 });
    }
  }, 240_000);

  test('is worked by keys alone: palette, screens, rows, parts of an app', async () => {
    const { page, base } = dash;
    await page.goto(base);
    await page.getByRole('heading', { level: 1, name: 'Overview' }).waitFor();
    await page.keyboard.press('g');
    await page.keyboard.press('a');
    await page.getByRole('heading', { level: 1, name: 'Activity' }).waitFor();
    await page.keyboard.press('Control+k');
    await page.getByRole('combobox', { name: /^Go to an app/ }).fill('shw');
    await page.keyboard.press('Enter');
    await page.getByRole('heading', { level: 1, name: 'shop/web' }).waitFor();
    await page.keyboard.press('3');
    await page.getByRole('heading', { name: /Instance 1/ }).waitFor();
    await page.keyboard.press('?');
    await page.getByRole('heading', { name: 'Keys' }).waitFor();
    await page.keyboard.press('Escape');
    await page.getByRole('heading', { name: 'Keys' }).waitFor({ state: 'detached' });
  });

  test('shows names and lines of others as text', async () => {
    const { page, base } = dash;
    await page.goto(base);
    await page.getByRole('link', { name: 'odd <b> &amp; name', exact: true }).first().waitFor();
    await page.goto(`${base}/apps/shop/web/logs`);
    await page.getByText(HOSTILE).first().waitFor();
    expect(await page.locator('main img, main script, main b').count()).toBe(0);
    expect(await page.title()).toContain('web');
  });

  test('applies the plan that was shown, refuses one that is stale, and shows a bad release as it happens', async () => {
    const { page, base } = dash;
    await page.goto(`${base}/changes`);
    host.declare(web({ env: { LEVEL: 'debug' } }), ...others);
    await page.getByRole('button', { name: 'Plan shop' }).click();
    await page.getByText('"debug"').waitFor();
    // Somebody else is faster.
    await host.ok('apply');
    await page.getByRole('button', { name: /^Apply: touches 2 of/ }).click();
    await page.getByText(/things have moved since it was made/).waitFor();
    host.declare(web({ script: './bad.js' }), ...others);
    await page.getByRole('button', { name: 'Plan again' }).click();
    await page
      .getByText(/bad\.js/)
      .first()
      .waitFor();
    await page.getByRole('button', { name: /^Apply: touches/ }).click();
    // The rollout, slot by slot, up to its failure.
    await page.getByRole('list', { name: 'Slots' }).waitFor();
    await page.getByText('this release is bad').first().waitFor();
    await page.screenshot({ path: join(SHOTS, 'bad-release.png') });
    // The next one is as bad: it goes back behind both, as the command line does.
    host.declare(web({ script: './bad.js', env: { LEVEL: 'worse' } }), ...others);
    await host.run(['apply', '--no-wait']);
    await page.getByText('revision 4,').waitFor();
    await page.getByRole('button', { name: 'Roll back…' }).click();
    await page.getByRole('heading', { name: 'Roll back shop/web to revision 2' }).waitFor();
    await page.getByRole('button', { name: /^Roll back: touches/ }).waitFor();
    await page.keyboard.press('Escape');
    host.declare(web({ env: { LEVEL: 'debug' } }), ...others);
    await host.ok('apply');
  });

  test('follows a flood of lines, in two tabs, each with one stream', async () => {
    const { context, page, base } = dash;
    const second = await context.newPage();
    await second.goto(base);
    await second.getByText('Live', { exact: true }).waitFor();
    await page.goto(`${base}/apps/shop/flood/logs`);
    await page.getByRole('button', { name: 'Start' }).click();
    await page.getByText('flood 1', { exact: true }).waitFor();
    // What it draws is bounded, whatever comes.
    expect(await page.locator('.line').count()).toBeLessThan(200);
    await second.getByRole('link', { name: 'flood', exact: true }).first().waitFor();
    await second.close();
  });

  test('says that the daemon is gone, and comes back by itself when it is', async () => {
    const { page, base } = dash;
    await page.goto(base);
    await page.getByText('Live', { exact: true }).waitFor();
    const { controller } = await host.daemon();
    // Looked for in the page, and before it can be there: it is shown for less than a second.
    await page.evaluate(`window.gone = new Promise((resolve) => {
      const isShown = () => document.body.innerText.includes('The daemon does not answer.');
      const look = () => isShown() ? resolve() : setTimeout(look, 10);
      look();
    }); undefined`);
    process.kill(controller?.pid ?? 0, 'SIGKILL');
    await page.evaluate('window.gone');
    await page.getByText('Live', { exact: true }).waitFor();
    await page.getByText('The daemon does not answer.').waitFor({ state: 'detached' });
  });

  test('changes nothing for who may only look, and says why', async () => {
    const { page, base, context } = await windows.open();
    await page.goto(`${base}/apps/shop/web/logs`);
    const restart = page.getByRole('button', { name: 'Restart' });
    await restart.waitFor();
    expect(await restart.getAttribute('aria-disabled')).toBe('true');
    expect(await restart.getAttribute('title')).toContain('dash --write');
    await page.getByText('started').first().waitFor();
    await context.close();
  });

  test('has thrown nothing, and asked nobody else', () => {
    expect(windows.complaints).toEqual([]);
  });
});
