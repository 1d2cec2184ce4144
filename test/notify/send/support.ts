import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type IncomingMessage, type RequestListener, type Server } from 'node:http';
import type { AddressInfo, Server as NetServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { WebhookTarget } from '../../../src/notify/model/receiver.ts';
import { testNotification, type Notification } from '../../../src/notify/render/notification.ts';

/** Listens on loopback, on a port that is free; gives it. */
export async function portOf(server: NetServer): Promise<number> {
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return (server.address() as AddressInfo).port;
}

/** A web server that keeps what it gets. */
export class Web implements AsyncDisposable {
  readonly got: { readonly request: IncomingMessage; readonly body: string }[] = [];
  readonly server: Server;
  port = 0;

  constructor(answer: RequestListener) {
    this.server = createServer((request, response) => {
      let body = '';
      request.on('data', (chunk: Buffer) => (body += chunk.toString()));
      request.on('end', () => {
        this.got.push({ request, body });
        answer(request, response);
      });
    });
  }

  async open(): Promise<this> {
    this.port = await portOf(this.server);
    return this;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.server.closeAllConnections();
    await new Promise((resolve) => this.server.close(resolve));
  }
}

/** A folder for files with secrets. */
export class Files implements Disposable {
  readonly folder = mkdtempSync(join(tmpdir(), 'stw-notify-'));

  write(name: string, text: string): string {
    const file = join(this.folder, name);
    writeFileSync(file, text);
    return file;
  }

  [Symbol.dispose](): void {
    rmSync(this.folder, { recursive: true, force: true });
  }
}

export function webhook(url: string, more: Partial<WebhookTarget> = {}): WebhookTarget {
  return {
    kind: 'webhook',
    address: { kind: 'url', url },
    caFile: null,
    insecure: false,
    secretFile: null,
    tokenFile: null,
    ...more,
  };
}

export function notification(more: Partial<Notification> = {}): Notification {
  return { ...testNotification('id-1', Date.UTC(2026, 0, 1), { host: 'web-1', receiver: 'ops' }), ...more };
}
