/**
 * Apps in cluster mode under a real runner:
 *
 *   const rig = await ClusterRig.start();
 *   const first = await rig.app(`require('http').createServer((q, r) => r.end(ID)).listen(0, '127.0.0.1')`);
 *   await rig.listening(first);                       // ['127.0.0.1:43123'], as soon as it listens somewhere
 *   await rig.error(first)                            // what it wrote to stderr, once there is something
 *   await rig.stop(first);                            // it has ended
 *   await rig.close();
 *
 * `ID` is the nonce of the instance, for answers that tell who gave them; `say(value)` sends a message to the test.
 */
import { readFile, writeFile } from 'node:fs/promises';
import { connect } from 'node:net';
import { join } from 'node:path';
import type { SpawnSpec } from '../../../src/runner/protocol/orders.ts';
import type { RunnerInstance } from '../../../src/runner/protocol/reports.ts';
import { bundle } from '../bundle.ts';
import { eventually } from '../eventually.ts';
import { fileText } from '../files.ts';
import { RunnerRig, type RigOptions } from './runner-rig.ts';

export interface AppOptions {
  /** Name of the app; instances of one name share. */
  readonly name?: string;
  readonly slot?: number;
  /** Program of Node that runs it. */
  readonly node?: string;
  readonly module?: boolean;
  /** Whether it shares what it listens on; else it is an app in fork mode. */
  readonly shared?: boolean;
  readonly env?: Readonly<Record<string, string>>;
  /** Whom it runs as, else the one who runs the test. */
  readonly user?: string;
}

export class ClusterRig {
  readonly runner: RunnerRig;
  readonly #agent: string;
  #scripts = 0;

  static async start(options: RigOptions = {}): Promise<ClusterRig> {
    return new ClusterRig(await RunnerRig.start(options), await bundle('src/agent/main.ts'));
  }

  private constructor(runner: RunnerRig, agent: string) {
    this.runner = runner;
    this.#agent = agent;
  }

  get client(): RunnerRig['client'] {
    return this.runner.client;
  }

  /** Starts one instance with this source. */
  async app(source: string, options: AppOptions = {}): Promise<RunnerInstance> {
    const { node = process.execPath, module = false } = options;
    const script = join(this.runner.folder, `app${this.#scripts++}.${module ? 'mjs' : 'cjs'}`);
    const head = `const ID = process.env.STATEWARD_INSTANCE; const say = (value) => process.send({ said: value });\n`;
    await writeFile(script, module ? `${source}\n${head}` : `${head}${source}`);
    const instance = await this.client.spawn(this.#spec(script, node, options));
    if (instance.exit?.error != null) throw new Error(instance.exit.error);
    return instance;
  }

  /** Starts `count` instances of one app. */
  async apps(count: number, source: string, options: AppOptions = {}): Promise<RunnerInstance[]> {
    const slots = Array.from({ length: count }, (_, slot) => slot);
    return Promise.all(slots.map((slot) => this.app(source, { ...options, slot })));
  }

  /** What an instance listens on, as soon as that is `count` addresses. */
  listening({ nonce }: { readonly nonce: string }, count = 1): Promise<readonly string[]> {
    // Not from the events: one of an earlier time may not have been waited for.
    return eventually(async () => {
      const { listening } = (await this.client.list()).find((instance) => instance.nonce === nonce) ?? {};
      return listening?.length === count ? listening : undefined;
    });
  }

  /** Waits for the event that says so. */
  async toldToListen(nonce: string, listening: readonly string[]): Promise<void> {
    await this.client.frames.next(
      (frame) =>
        'event' in frame &&
        frame.event === 'instance' &&
        frame.instance.nonce === nonce &&
        frame.instance.listening?.join() === listening.join(),
    );
  }

  /** The port of the one address that it listens on. */
  async port(instance: { readonly nonce: string }): Promise<number> {
    return portOf((await this.listening(instance))[0] ?? '');
  }

  /** The next thing that an instance says. */
  async said({ nonce }: { readonly nonce: string }): Promise<unknown> {
    const frame = await this.client.frames.next(
      (candidate) =>
        'event' in candidate &&
        candidate.event === 'message' &&
        candidate.nonce === nonce &&
        Object.hasOwn(candidate.message as object, 'said'),
    );
    return ('message' in frame && (frame.message as { readonly said: unknown }).said) || null;
  }

  error(instance: { readonly nonce: string }, part: string): Promise<string> {
    return fileText(this.runner.logOf(instance, 'error'), part);
  }

  /** Tells an instance something over its channel. */
  async tell({ nonce }: { readonly nonce: string }, message: unknown): Promise<void> {
    await this.client.call({ kind: 'send', nonce, message });
  }

  async stop({ nonce }: { readonly nonce: string }): Promise<void> {
    const spec = { nonce, signal: 'SIGTERM', tree: true, graceMs: 5_000 };
    await this.client.call({ kind: 'stop', spec });
    await this.client.nextState(nonce, 'exited');
  }

  /** Kills the runner and starts the next one. */
  async replaceRunner(): Promise<void> {
    await this.runner.killRunner();
    await this.runner.startRunner();
  }

  /** The line of an instance, once `is` is true of it. */
  line(
    { nonce }: { readonly nonce: string },
    is: (line: RunnerInstance) => boolean | undefined,
  ): Promise<RunnerInstance> {
    return eventually(async () => {
      const line = (await this.client.list()).find((instance) => instance.nonce === nonce);
      return line !== undefined && is(line) === true ? line : undefined;
    });
  }

  /** Waits until the instance has a channel, and its sockets are known to be shared. */
  async cameBack(...instances: readonly { readonly nonce: string }[]): Promise<void> {
    for (const instance of instances) {
      await this.line(instance, ({ connected, socketsLost }) => connected === true && socketsLost !== true);
    }
  }

  /** Whether the runner has written down that the instance listens on so many addresses: a kill takes what it has not. */
  async ledgerHas({ nonce }: { readonly nonce: string }, count: number): Promise<boolean> {
    const text = await readFile(join(this.runner.home, 'run/ledger.ndjson'), 'utf8');
    return text.split('\n').some((line) => {
      if (!line.includes('"kind":"listening"') || !line.includes(`"${nonce}"`)) return false;
      return (JSON.parse(line) as { readonly addresses: readonly string[] }).addresses.length === count;
    });
  }

  close(): Promise<void> {
    return this.runner.close();
  }

  #spec(
    script: string,
    node: string,
    { name = 'api', slot = 0, env = {}, user, shared = true }: AppOptions,
  ): SpawnSpec {
    const spec = this.runner.spec({
      file: node,
      args: ['--require', this.#agent, script],
      ipc: true,
      shared,
      ...(user !== undefined && { uid: user }),
      env: { STATEWARD_SLOT: String(slot), NODE_APP_INSTANCE: String(slot), ...env },
    });
    return { ...spec, labels: { ...spec.labels, app: name, slot } };
  }
}

export function portOf(address: string): number {
  return Number(/:(\d+)(?:\/udp)?$/.exec(address)?.[1]);
}

/** Connects, sends nothing, and gives what comes until the end; rejects when nobody is there. */
export function answerAt(
  target: { readonly port: number; readonly host?: string } | { readonly path: string },
): Promise<string> {
  return new Promise((resolve, reject) => {
    const chunks: Buffer[] = [];
    connect({ host: '127.0.0.1', ...target })
      .on('data', (chunk) => chunks.push(chunk))
      .on('error', reject)
      .on('end', () => resolve(Buffer.concat(chunks).toString()));
  });
}

/** Connects again and again until every one of `nonces` has answered. */
export async function allAnswer(
  target: Parameters<typeof answerAt>[0],
  instances: readonly { readonly nonce: string }[],
): Promise<void> {
  const left = new Set(instances.map(({ nonce }) => nonce));
  while (left.size > 0) left.delete(await answerAt(target));
}
