import { existsSync, mkdirSync } from 'node:fs';
import { spawn, type ChildProcess } from 'node:child_process';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import axe from 'axe-core';
import { chromium, type Browser, type BrowserContext, type Page } from 'playwright-core';
import { BIN, type Host } from '../../support/host.ts';

const CHROMIUM = '/usr/bin/chromium';
export const SHOTS = fileURLToPath(new URL('../../../test-results/dashboard', import.meta.url));
const FLAGS = [
  ...['--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run', '--disable-background-networking'],
  ...['--disable-component-update', '--disable-sync'],
];

export const isMissing = !existsSync(CHROMIUM);
if (isMissing)
  console.warn(`${CHROMIUM} is missing: the dashboard is not tried in a browser (apt-get install chromium)`);

/** A page of a dashboard. */
export interface Opened {
  readonly context: BrowserContext;
  readonly page: Page;
  /** The origin of the dashboard. */
  readonly base: string;
}

/** A browser, and the dashboards of one host that are open in it. */
export class Windows implements AsyncDisposable {
  /** What a page must never do, noted as it happens. */
  readonly complaints: string[] = [];
  readonly #host: Host;
  readonly #browser: Browser;
  readonly #served: ChildProcess[] = [];

  private constructor(host: Host, browser: Browser) {
    this.#host = host;
    this.#browser = browser;
  }

  static async of(host: Host): Promise<Windows> {
    mkdirSync(SHOTS, { recursive: true });
    return new Windows(
      host,
      await chromium.launch({ executablePath: CHROMIUM, headless: true, args: FLAGS }),
    );
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#browser.close();
    for (const child of this.#served) {
      const ended = new Promise((resolve) => child.once('close', resolve));
      child.kill('SIGINT');
      await ended;
    }
  }

  /** A dashboard as `dash` serves it, in a browser that has used its link. */
  async open(...flags: readonly string[]): Promise<Opened> {
    const { folder, home } = this.#host;
    const child = spawn(process.execPath, [BIN, 'dash', '--print', ...flags], {
      cwd: folder,
      env: { ...process.env, NO_COLOR: '1', STATEWARD_HOME: home },
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    this.#served.push(child);
    const url = await new Promise<string>((resolve) => createInterface(child.stdout).once('line', resolve));
    const context = await this.#browser.newContext({ viewport: { width: 1280, height: 800 } });
    const { origin } = new URL(url);
    const { complaints } = this;
    context.on('request', (request) => {
      if (new URL(request.url()).origin !== origin) complaints.push(`asked elsewhere: ${request.url()}`);
    });
    context.on('weberror', (error) => complaints.push(`threw: ${error.error().message}`));
    context.on('console', (message) => {
      // A daemon that was killed, and what is stale, are answers that a browser notes by itself.
      const isOfAnswer = /Failed to load resource|net::ERR|EventSource/.test(message.text());
      if (message.type() === 'error' && !isOfAnswer) complaints.push(`console: ${message.text()}`);
    });
    const page = await context.newPage();
    page.setDefaultTimeout(60_000);
    await page.goto(url);
    await page.getByText('Live', { exact: true }).waitFor();
    return { context, page, base: origin };
  }
}

/** Rules of WCAG A and AA that are broken so that it matters, as axe finds them. */
export async function barriers(page: Page, rules: string): Promise<readonly string[]> {
  await page.evaluate(`typeof axe === 'undefined' && (() => { ${axe.source} })()`);
  const found = await page.evaluate<{ impact: string; id: string; targets: string[] }[]>(
    `axe.run(document, { resultTypes: ['violations'], runOnly: ${rules} }).then(({ violations }) =>
      violations.map(({ impact, id, nodes }) => ({ impact, id, targets: nodes.map((node) => String(node.target)) })))`,
  );
  return found
    .filter(({ impact }) => impact === 'serious' || impact === 'critical')
    .map(({ id, targets }) => `${id}: ${targets.join(' ')}`);
}
