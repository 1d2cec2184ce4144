import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { BIN } from '../../../support/host.ts';
import { textAt } from '../../../../src/targets/kubernetes/live/fields.ts';
import { LabCluster } from '../../lab/cluster.ts';

const REGISTRY = process.env['KUBE_REGISTRY'] ?? '';

/** The same where pods really run: images are made of the folder of the ecosystem file, on the Node that runs the tests. */
export class NodeCluster extends LabCluster {
  static override async start(): Promise<NodeCluster> {
    const cluster = new NodeCluster();
    await cluster.open();
    return cluster;
  }

  /** Path of the images of this test in the registry. */
  get images(): string {
    return `${REGISTRY}/${this.namespace}`;
  }

  /** The registry as the engine is asked. */
  get registryUrl(): string {
    return `http://${REGISTRY}/v2/${this.namespace}`;
  }

  declareMade(...apps: readonly Record<string, unknown>[]): void {
    this.declareFor({ registry: this.images, base: `${REGISTRY}/base/node:1` }, apps);
  }

  /** The address of the Service of an app. */
  async addressOf(app: string): Promise<string> {
    return textAt(await this.find('services', app), 'spec', 'clusterIP') ?? '';
  }

  /** Starts a verb that goes on until it is ended. */
  begin(...args: readonly string[]): Following {
    return new Following(
      spawn(process.execPath, [BIN, ...args, '--target', 'kubernetes'], {
        cwd: this.folder,
        env: { ...process.env, ...this.environment, NO_COLOR: '1', STATEWARD_HOME: this.home },
        stdio: ['ignore', 'pipe', 'inherit'],
      }),
    );
  }
}

/** A command that goes on. */
export class Following {
  readonly #child: ChildProcess;
  text = '';

  constructor(child: ChildProcess) {
    this.#child = child;
    child.stdout?.setEncoding('utf8').on('data', (chunk: string) => {
      this.text += chunk;
    });
  }

  /** Ends it as Ctrl-C does; gives its code. */
  async interrupt(): Promise<number | null> {
    const ended = once(this.#child, 'exit') as Promise<[number | null]>;
    this.#child.kill('SIGINT');
    return (await ended)[0];
  }
}
