import { chmodSync, existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { Host, type Ran, type RunOptions } from '../../../support/host.ts';

const KUBECTL = fileURLToPath(new URL('./kubectl.mjs', import.meta.url));

/** How the cluster answers: well, or as one that something is wrong with. */
export type Mode =
  | 'good'
  | 'unreachable'
  | 'forbidden'
  | 'unauthorized'
  | 'read-only'
  | 'no-namespace'
  | 'no-context'
  | 'no-node'
  | 'starting';

interface State {
  objects: Record<
    string,
    {
      metadata: {
        name: string;
        uid?: string;
        labels?: Record<string, string>;
        annotations?: Record<string, string>;
      };
      spec?: unknown;
    }
  >;
  managers: Record<string, Record<string, unknown>>;
  mode: Mode;
  /** What was changed: `apply deployments/api`. */
  asked: string[];
}

/** A host whose kubectl has a small cluster in a file behind it (kubectl.mjs). */
export class FakeCluster extends Host {
  readonly file = join(this.folder, 'cluster.json');

  constructor() {
    super();
    this.write('bin/kubectl', `#!/bin/sh\nexec '${process.execPath}' '${KUBECTL}' "$@"\n`);
    chmodSync(join(this.folder, 'bin/kubectl'), 0o755);
    for (const script of ['api.js', 'db.js', 'web.js', 'job.js']) this.write(script, '');
  }

  get state(): State {
    return existsSync(this.file)
      ? (JSON.parse(readFileSync(this.file, 'utf8')) as State)
      : { objects: {}, managers: {}, mode: 'good', asked: [] };
  }

  change(change: (state: State) => void): void {
    const { state } = this;
    change(state);
    writeFileSync(this.file, JSON.stringify(state));
  }

  /** Declares apps of a project for the context `lab` and the namespace `shop`. */
  declareThere(
    apps: readonly Record<string, unknown>[],
    image = 'registry.test/shop:1',
    project = 'shop',
  ): void {
    const targets = { kubernetes: { context: 'lab', namespace: 'shop', image } };
    const file = { project, targets, apps: apps.map((app) => ({ stop_signal: 'SIGTERM', ...app })) };
    this.write('ecosystem.yaml', JSON.stringify(file));
  }

  /** Runs a verb with `--target kubernetes`. */
  async there(...args: readonly string[]): Promise<Ran> {
    return this.run([...args, '--target', 'kubernetes'], this.#options());
  }

  /** The same, with further variables. */
  async thereWith(env: Readonly<Record<string, string>>, ...args: readonly string[]): Promise<Ran> {
    const options = this.#options();
    return this.run([...args, '--target', 'kubernetes'], { ...options, env: { ...options.env, ...env } });
  }

  #options(): RunOptions {
    const path = `${join(this.folder, 'bin')}:${process.env['PATH'] ?? ''}`;
    return { env: { PATH: path, FAKE_CLUSTER: this.file } };
  }
}
