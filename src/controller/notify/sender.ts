import { spawn, type ChildProcessByStdio } from 'node:child_process';
import type { Readable, Writable } from 'node:stream';
import { createInterface } from 'node:readline';
import type { Cancel, Clock } from '../../lib/clocks/clock.ts';
import { errorMessage } from '../../lib/system-error.ts';
import type { Target } from '../../notify/model/receiver.ts';
import {
  SEND_LIMIT_MS,
  type Message,
  type SendAnswer,
  type SendJob,
  type SendResult,
} from '../../notify/send/jobs.ts';

export interface SenderOptions {
  /** The built program (src/notify/send/main.ts). */
  readonly program: string;
  readonly home: string;
  /** Of the daemon; what the program does not need is left out. */
  readonly environment: Readonly<Record<string, string | undefined>>;
  readonly clock: Clock;
  readonly log: (line: string) => void;
}

/** Without work for so long, the program ends. */
const IDLE_MS = 10_000;
/** Its own bounds come first; it hangs if it has not answered so long after them. */
const PATIENCE_MS = 10_000;
const HEAP_MB = 128;
/** Names are looked up by threads of Node's pool: those that stall must not hold up the others. */
const THREADS = 16;
const PASSED_ON = ['PATH', 'HOME', 'USER', 'LANG', 'TZ', 'TMPDIR', 'NODE_EXTRA_CA_CERTS'];

type Child = ChildProcessByStdio<Writable, Readable, null>;

interface Running {
  readonly child: Child;
  readonly jobs: Map<number, (result: SendResult) => void>;
  stopIdle: Cancel;
}

/** Sends messages by a program of its own, which is started for the first and ends when there have been none for a while. */
export class Sender {
  readonly #options: SenderOptions;
  #running: Running | null = null;
  #lastJob = 0;

  constructor(options: SenderOptions) {
    this.#options = options;
  }

  send(target: Target, message: Message): Promise<SendResult> {
    const running = (this.#running ??= this.#start());
    running.stopIdle();
    const job: SendJob = { job: ++this.#lastJob, target, message };
    return new Promise((resolve) => {
      const cancel = this.#options.clock.after(limitOf(target) + PATIENCE_MS, () =>
        running.child.kill('SIGKILL'),
      );
      running.jobs.set(job.job, (result) => {
        cancel();
        running.jobs.delete(job.job);
        if (running.jobs.size === 0) this.#endWhenIdle(running);
        resolve(result);
      });
      running.child.stdin.write(`${JSON.stringify(job)}\n`);
    });
  }

  close(): void {
    const running = this.#running;
    if (running === null) return;
    this.#running = null;
    running.stopIdle();
    running.child.stdin.end();
    running.child.kill();
  }

  #start(): Running {
    const { program, home, environment, log } = this.#options;
    const passed = PASSED_ON.flatMap((name) => {
      const value = environment[name];
      return value === undefined ? [] : [[name, value] as const];
    });
    const child = spawn(process.execPath, [`--max-old-space-size=${HEAP_MB}`, program], {
      cwd: home,
      env: { ...Object.fromEntries(passed), UV_THREADPOOL_SIZE: String(THREADS) },
      stdio: ['pipe', 'pipe', 'inherit'],
    });
    const running: Running = { child, jobs: new Map(), stopIdle: () => undefined };
    let isOver = false;
    const over = (why: string): void => {
      if (isOver) return;
      isOver = true;
      running.stopIdle();
      if (this.#running === running) this.#running = null;
      if (running.jobs.size > 0) log(`notify: ${why}`);
      for (const done of [...running.jobs.values()]) done({ ok: false, message: why, steps: [why] });
    };
    child.on('error', (error) => over(`the program that sends cannot be started: ${errorMessage(error)}`));
    child.on('exit', (code, signal) =>
      over(`the program that sends has ended (${signal ?? `exit code ${code ?? ''}`})`),
    );
    child.stdin.on('error', () => undefined);
    createInterface({ input: child.stdout }).on('line', (line) => {
      const { job, ...result } = JSON.parse(line) as SendAnswer;
      running.jobs.get(job)?.(result);
    });
    return running;
  }

  #endWhenIdle(running: Running): void {
    running.stopIdle = this.#options.clock.after(IDLE_MS, () => {
      if (this.#running === running) this.#running = null;
      running.child.stdin.end();
    });
  }
}

function limitOf(target: Target): number {
  return target.kind === 'exec' ? target.timeoutMs : SEND_LIMIT_MS;
}
