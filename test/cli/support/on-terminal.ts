import { spawn, type ChildProcess } from 'node:child_process';
import { eventually } from '../../support/eventually.ts';
import { BIN, type Host } from '../../support/host.ts';

/** A command of the built `stateward` on a terminal, which script(1) makes: steered by keys, and waited for by what it shows. */
export class OnTerminal {
  readonly #child: ChildProcess;
  readonly ended: Promise<number | null>;
  #shown = '';

  /** @param size rows and columns */
  constructor(host: Host, args: readonly string[], size: readonly [number, number] = [30, 100]) {
    const command = [process.execPath, BIN, ...args].map((word) => `'${word}'`).join(' ');
    const line = `tty; stty rows ${size[0]} cols ${size[1]}; ${command}; code=$?; stty -a | grep -o '.icanon'; exit $code`;
    this.#child = spawn('script', ['-qefc', line, '/dev/null'], {
      cwd: host.folder,
      env: { ...process.env, STATEWARD_HOME: host.home, SHELL: '/bin/sh', TERM: 'xterm' },
      stdio: ['pipe', 'pipe', 'inherit'],
    });
    this.#child.stdout?.on('data', (chunk: Buffer) => (this.#shown += chunk.toString()));
    this.ended = new Promise((resolve) => this.#child.once('close', resolve));
  }

  type(keys: string): void {
    this.#child.stdin?.write(keys);
  }

  /** What it has shown, with plain ends of lines. */
  get shown(): string {
    return this.#shown.replaceAll(/\r+\n/g, '\n');
  }

  async until(text: string): Promise<void> {
    await eventually(() => this.shown.includes(text));
  }

  /** Its path. */
  get path(): string {
    return /^(\/dev\/\S+)/.exec(this.shown)?.[1] ?? '';
  }

  kill(): void {
    this.#child.kill('SIGKILL');
  }
}
