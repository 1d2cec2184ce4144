import { createHmac } from 'node:crypto';
import { createServer, type IncomingMessage, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { existsSync, readFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { ReceiverInfo } from '../../../src/api/contract/wire/notify/receivers.ts';
import type { Notification } from '../../../src/notify/render/notification.ts';
import { eventually } from '../../support/eventually.ts';
import { Host } from '../../support/host.ts';

const CRASHES = 'setTimeout(() => process.exit(1), 50)';
const SECRET = 'k3y-of-the-signature';
const TOKEN = 'aTokenInTheAddress';

interface Got {
  readonly request: IncomingMessage;
  readonly body: string;
}

/** A web server that keeps what it gets, and answers as a test says. */
class WebReceiver implements AsyncDisposable {
  readonly got: Got[] = [];
  status = 200;
  readonly #server: Server;

  private constructor(server: Server) {
    this.#server = server;
  }

  static async open(): Promise<WebReceiver> {
    const server = createServer((request, response) => {
      let body = '';
      request.on('data', (chunk: Buffer) => (body += chunk.toString()));
      request.on('end', () => {
        receiver.got.push({ request, body });
        response.writeHead(receiver.status).end(`no such place: ${request.url ?? ''}`);
      });
    });
    const receiver = new WebReceiver(server);
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    return receiver;
  }

  get url(): string {
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}/hook/${TOKEN}`;
  }

  get messages(): readonly Notification[] {
    return this.got.map(({ body }) => JSON.parse(body) as Notification);
  }

  get problems(): readonly string[] {
    return this.messages.flatMap(({ items }) => items.map(({ kind, title }) => `${kind}: ${title}`));
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#server.closeAllConnections();
    await new Promise((resolve) => this.#server.close(resolve));
  }
}

class NotifyHost extends Host {
  async receivers(...lines: readonly string[]): Promise<void> {
    this.write('secret', `${SECRET}\n`);
    this.write('notify.yaml', ['receivers:', ...lines, ''].join('\n'));
    await this.ok('notify', 'apply');
  }

  async info(name: string): Promise<ReceiverInfo> {
    const { stdout } = await this.ok('notify', 'describe', name, '-o', 'json');
    return JSON.parse(stdout) as ReceiverInfo;
  }
}

function webhook(url: string, more = ''): string {
  return `  - { name: ops, webhook: { url: "${url}", secret_file: ./secret }, group: 50ms, settle: 100ms${more} }`;
}

let host: NotifyHost;
let web: WebReceiver;
beforeAll(async () => {
  host = new NotifyHost();
  web = await WebReceiver.open();
  await host.receivers(webhook(web.url));
});
afterAll(async () => {
  await host[Symbol.asyncDispose]();
  await web[Symbol.asyncDispose]();
});

describe('a receiver', () => {
  it('is told what is wrong and when it is over, signed with its key', { timeout: 60_000 }, async () => {
    host.write('web.js', CRASHES);
    host.declare({ name: 'web', script: './web.js', min_uptime: 200 });
    await host.ok('apply', '--no-wait');
    await eventually(() => web.problems.includes('problem: shop/web keeps crashing'));
    host.write('web.js', 'setInterval(() => 0, 1000)');
    await host.ok('apply');
    await eventually(() => web.problems.includes('recovered: over: shop/web keeps crashing'));
    for (const { request, body } of web.got) {
      const signature = createHmac('sha256', SECRET).update(body).digest('hex');
      expect(request.headers['x-stateward-signature-256']).toBe(`sha256=${signature}`);
      expect(request.headers['x-stateward-delivery']).toBe((JSON.parse(body) as Notification).id);
    }
    const { status } = await eventually(async () => {
      const info = await host.info('ops');
      return info.status.state === 'Idle' && info.history.length >= 2 && info;
    });
    expect(status).toMatchObject({ open: [], waiting: 0 });
  });

  it('is tried by a test, which says what happened and keeps the address to itself', async () => {
    const good = await host.ok('notify', 'test', 'ops');
    expect(good.stdout).toMatch(/signed with HMAC-SHA256\n {2}200 OK after \d+ ms/);
    web.status = 404;
    const bad = await host.run(['notify', 'test', 'ops']);
    expect(bad.code).toBe(1);
    expect(bad.stdout).toContain('404 Not Found: "no such place: <redacted>"');
    web.status = 200;
    const shown = [
      good,
      bad,
      await host.ok('notify', 'describe', 'ops'),
      await host.ok('notify', 'list', '-o', 'json'),
    ];
    for (const { text } of shown) expect(text).not.toContain(TOKEN);
    expect(readFileSync(`${host.home}/daemon.log`, 'utf8')).not.toContain(TOKEN);
    const unknown = await host.run(['notify', 'test', 'op']);
    expect(unknown).toMatchObject({ code: 1, text: expect.stringContaining('did you mean ops?') as string });
  });
});

describe('a controller that is killed', () => {
  it.each(['notify.queued', 'notify.sent'])(
    'at %s tells it all the same, and twice with the same id',
    { timeout: 60_000 },
    async (point) => {
      await using own = new NotifyHost();
      await using receiver = await WebReceiver.open();
      own.write('web.js', CRASHES);
      // Longer than any start on a busy host: a run that counts as good would end what is wrong, and that is a message too.
      own.declare({ name: 'web', script: './web.js', min_uptime: '1m' });
      const fault = own.write('fault', `${point}:kill`);
      await own.run(['daemon', 'start'], { env: { STATEWARD_FAILPOINT: `@${fault}` } });
      await own.receivers(webhook(receiver.url));
      const before = (await own.daemon()).controller?.pid;
      await own.ok('apply', '--no-wait');
      await eventually(async () => {
        const { code, stdout } = await own.run(['notify', 'describe', 'ops', '-o', 'json']);
        return code === 0 && (JSON.parse(stdout) as ReceiverInfo).history.length > 0;
      });
      expect((await own.daemon()).controller?.pid).not.toBe(before);
      expect(existsSync(fault)).toBe(false);
      const ids = receiver.messages.map(({ id }) => id);
      expect(new Set(ids).size).toBe(1);
      expect(ids).toHaveLength(point === 'notify.sent' ? 2 : 1);
    },
  );
});
