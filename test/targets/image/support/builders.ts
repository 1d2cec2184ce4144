import { spawn, spawnSync, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, existsSync, mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { findProgram } from '../../../../src/sources/processes/find-program.ts';
import type { Shop } from './shop.ts';

const READY_MS = 30_000;
const NEEDED: Readonly<Record<string, readonly string[]>> = {
  docker: ['docker', 'dockerd', 'containerd', 'unshare', 'setpriv'],
  podman: ['podman'],
  buildah: ['buildah'],
};

/** What builds Dockerfiles, with what of it is not here. All of them need root here. */
export const BUILDERS: readonly { readonly name: string; readonly missing: readonly string[] }[] =
  Object.entries(NEEDED).map(([name, programs]) => ({
    name,
    missing: [
      ...programs.filter((program) => findProgram(program, process.env['PATH']) === null),
      ...(process.getuid?.() === 0 ? [] : ['root']),
    ],
  }));

/** One builder, alone on the PATH of a shop, with images of its own that go with the shop. `await using` it. */
export class Builder implements AsyncDisposable {
  #daemon: ChildProcess | null = null;

  static async open(shop: Shop, name: string): Promise<Builder> {
    const builder = new Builder();
    const storage = join(shop.folder, 'storage');
    mkdirSync(storage);
    const folders = `driver = "vfs"\nrunroot = "${storage}/run"\ngraphroot = "${storage}/graph"\n`;
    shop.write('storage.conf', `[storage]\n${folders}`);
    const socket = join(storage, 'docker.sock');
    if (name === 'docker') await builder.#startDocker(storage, socket);
    const variables = {
      PATH: process.env['PATH'] ?? '',
      CONTAINERS_STORAGE_CONF: join(shop.folder, 'storage.conf'),
      DOCKER_HOST: `unix://${socket}`,
    };
    const set = Object.entries(variables).map(([key, value]) => `${key}='${value}'`);
    const program = findProgram(name, process.env['PATH']) ?? '';
    shop.write(`bin/${name}`, `#!/bin/sh\nexport ${set.join(' ')}\nexec ${program} "$@"\n`);
    chmodSync(join(shop.folder, 'bin', name), 0o755);
    shop.path = join(shop.folder, 'bin');
    return builder;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (this.#daemon === null) return;
    const ended = once(this.#daemon, 'exit');
    this.#daemon.kill('SIGKILL');
    await ended;
  }

  /** Its processes and mounts end with it. Nothing of the network of this machine is changed. */
  async #startDocker(storage: string, socket: string): Promise<void> {
    const folders = [
      '--data-root',
      `${storage}/docker`,
      '--exec-root',
      '/run/docker',
      '-p',
      '/run/docker.pid',
    ];
    const network = ['--bridge=none', '--iptables=false', '--ip6tables=false', '--ip-forward=false'];
    const line = `mount -t tmpfs tmpfs /run && exec dockerd "$@"`;
    const own = ['--mount', '--pid', '--fork', '--kill-child', '--mount-proc', 'sh', '-c', line, 'sh'];
    this.#daemon = spawn(
      'setpriv',
      [
        '--pdeathsig',
        'KILL',
        'unshare',
        ...own,
        ...folders,
        ...network,
        '-s',
        'vfs',
        '-H',
        `unix://${socket}`,
      ],
      { stdio: 'ignore' },
    );
    const until = performance.now() + READY_MS;
    const isReady = (): boolean =>
      existsSync(socket) && spawnSync('docker', ['-H', `unix://${socket}`, 'version']).status === 0;
    while (!isReady()) {
      if (performance.now() > until) throw new Error('dockerd does not come up');
      await sleep(200);
    }
  }
}
