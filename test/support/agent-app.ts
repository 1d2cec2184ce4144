/**
 * A Node app with the agent preloaded and a channel, started as the runner starts one; the test is the runner:
 *
 *   const app = await AgentApp.start(folder, source, { agent: await bundle('src/agent/main.ts') });
 *   app.send({ cmd: 'NODE_STATEWARD_PING', id: 1 });
 *   await app.message();                               // the next message that the app or its agent sends
 *   await app.line();                                  // the next line of its stdout
 *   await app.ended;                                   // [exit code, signal]
 *   app.kill();
 */
import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import type { Duplex, Readable } from 'node:stream';

export interface AgentAppOptions {
  /** The bundled agent. */
  readonly agent: string;
  readonly node?: string;
  /** Name of the file that the source is written to: its ending says what kind of module it is. */
  readonly file?: string;
}

export class AgentApp {
  readonly channel: Duplex;
  readonly ended: Promise<[number | null, string | null]>;
  readonly #child: ChildProcess;
  readonly #messages: AsyncIterator<string>;
  readonly #lines: AsyncIterator<string>;

  static async start(folder: string, source: string, options: AgentAppOptions): Promise<AgentApp> {
    const script = join(folder, options.file ?? 'app.cjs');
    await writeFile(script, source);
    const child = spawn(options.node ?? process.execPath, ['--require', options.agent, script], {
      stdio: ['ignore', 'pipe', 'inherit', 'pipe'],
      env: { ...process.env, NODE_CHANNEL_FD: '3' },
    });
    return new AgentApp(child);
  }

  private constructor(child: ChildProcess) {
    this.#child = child;
    this.channel = child.stdio[3] as Duplex;
    this.#messages = createInterface({ input: this.channel })[Symbol.asyncIterator]();
    this.#lines = createInterface({ input: child.stdout as Readable })[Symbol.asyncIterator]();
    this.ended = once(child, 'close') as Promise<[number | null, string | null]>;
  }

  get running(): boolean {
    return this.#child.exitCode === null && this.#child.signalCode === null;
  }

  send(message: unknown): void {
    this.channel.write(`${JSON.stringify(message)}\n`);
  }

  async message(): Promise<unknown> {
    return JSON.parse(String((await this.#messages.next()).value)) as unknown;
  }

  async line(): Promise<string> {
    return String((await this.#lines.next()).value);
  }

  kill(signal: NodeJS.Signals = 'SIGKILL'): void {
    this.#child.kill(signal);
  }
}
