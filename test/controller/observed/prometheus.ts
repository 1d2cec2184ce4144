import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { createServer, request, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { stringify } from 'yaml';
import { eventually } from '../../support/eventually.ts';
import { freePort } from '../../support/free-port.ts';
import type { Host } from '../../support/host.ts';

/** The real one; null: this host has none. */
export function findPrometheus(): string | null {
  return ['/usr/bin/prometheus', '/usr/local/bin/prometheus'].find((path) => existsSync(path)) ?? null;
}

export interface Rule {
  readonly name: string;
  readonly health: string;
  readonly state: string;
  readonly alerts: readonly { readonly labels: Readonly<Record<string, string>> }[];
}

/** Queries of a board, with its variables as they are when all is chosen. */
export function boardQueries(board: string): readonly { readonly title: string; readonly expr: string }[] {
  const { panels } = JSON.parse(board) as {
    readonly panels: readonly {
      readonly title: string;
      readonly targets: readonly { readonly expr: string }[];
    }[];
  };
  return panels.flatMap(({ title, targets }) =>
    targets.map(({ expr }) => ({
      title,
      expr: expr.replace(/\$(project|app)\b/g, '.*').replaceAll('$__rate_interval', '1m'),
    })),
  );
}

/** Prometheus on the loopback, with our alerts, reading the metrics of a host every second. */
export class Prometheus implements AsyncDisposable {
  readonly #child: ChildProcess;
  readonly #proxy: Server | null;
  readonly #port: number;

  private constructor(child: ChildProcess, proxy: Server | null, port: number) {
    this.#child = child;
    this.#proxy = proxy;
    this.#port = port;
  }

  /** `scrape`: how the metrics are reached; absent: by the socket of the daemon. */
  static async start(
    program: string,
    host: Host,
    scrape?: Readonly<Record<string, unknown>>,
  ): Promise<Prometheus> {
    const proxy = scrape === undefined ? await proxyTo(join(host.home, 'run/api.sock')) : null;
    const { port: at } = (proxy?.address() ?? { port: 0 }) as AddressInfo;
    const job = scrape ?? { static_configs: [{ targets: [`127.0.0.1:${at}`] }] };
    host.write('alerts.yaml', (await host.ok('metrics', '--alerts')).stdout);
    const config = host.write(
      'prometheus.yml',
      stringify({
        global: { scrape_interval: '1s', evaluation_interval: '1s' },
        rule_files: ['alerts.yaml'],
        scrape_configs: [{ job_name: 'stateward', ...job }],
      }),
    );
    const port = await freePort();
    const args = [
      `--config.file=${config}`,
      `--storage.tsdb.path=${join(host.folder, 'tsdb')}`,
      `--web.listen-address=127.0.0.1:${port}`,
    ];
    const child = spawn(program, args, { stdio: 'ignore' });
    const started = new Prometheus(child, proxy, port);
    await eventually(async () => (await fetch(started.#url('/-/ready')).catch(() => null))?.ok === true);
    return started;
  }

  /** The series of a query at this moment. */
  async query(expr: string): Promise<readonly unknown[]> {
    const { result } = (await this.#get(`/api/v1/query?query=${encodeURIComponent(expr)}`)) as {
      readonly result: readonly unknown[];
    };
    return result;
  }

  async rules(): Promise<readonly Rule[]> {
    const { groups } = (await this.#get('/api/v1/rules')) as {
      readonly groups: readonly { readonly rules: readonly Rule[] }[];
    };
    return groups.flatMap(({ rules }) => rules);
  }

  async #get(path: string): Promise<unknown> {
    const answer = (await (await fetch(this.#url(path))).json()) as {
      readonly status: string;
      readonly error?: string;
      readonly data: unknown;
    };
    if (answer.status !== 'success') throw new Error(`${path}: ${answer.error ?? ''}`);
    return answer.data;
  }

  #url(path: string): string {
    return `http://127.0.0.1:${this.#port}${path}`;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    const ended = once(this.#child, 'exit');
    this.#child.kill('SIGKILL');
    await ended;
    this.#proxy?.close();
    this.#proxy?.closeAllConnections();
  }
}

/** Passes `/metrics` on to the socket of a daemon. */
async function proxyTo(socketPath: string): Promise<Server> {
  const proxy = createServer(({ headers, url }, response) => {
    const asked = request(
      { socketPath, path: url, headers: { accept: headers.accept ?? '*/*' } },
      (answer) => {
        response.writeHead(answer.statusCode ?? 502, { 'content-type': answer.headers['content-type'] });
        answer.pipe(response);
      },
    );
    asked.on('error', () => response.writeHead(502).end());
    asked.end();
  });
  proxy.listen(0, '127.0.0.1');
  await once(proxy, 'listening');
  return proxy;
}
