/**
 * Clients that load a server while something is done to it:
 *
 *   const load = await LoadClients.start(port);        // 50 that keep their connection, 50 that do not
 *   await load.count();                                // { requests, failed, failures, versions } so far
 *   const { requests, failed, failures } = await load.stop();
 */
import { fork } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';

const PROGRAM = fileURLToPath(new URL('load-client.mjs', import.meta.url));

export class LoadClients {
  #child;

  static async start(port, { kept = 50, fresh = 50, pauseMs = 15 } = {}) {
    const child = fork(PROGRAM, [port, kept, fresh, pauseMs].map(String));
    await once(child, 'message');
    return new LoadClients(child);
  }

  constructor(child) {
    this.#child = child;
  }

  async count() {
    this.#child.send('count');
    return (await this.#next('count')).count;
  }

  /** Every request that is under way is waited for. */
  async stop() {
    this.#child.send('stop');
    const [{ end }] = await Promise.all([this.#next('end'), once(this.#child, 'exit')]);
    return end;
  }

  kill() {
    this.#child.kill('SIGKILL');
  }

  async #next(name) {
    for (;;) {
      const [message] = await once(this.#child, 'message');
      if (Object.hasOwn(message, name)) return message;
    }
  }
}
