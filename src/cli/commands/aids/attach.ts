import { createInterface } from 'node:readline';
import * as Args from '@oclif/core/args';
import { homeLayout } from '../../../home/layout.ts';
import { appKey } from '../../../lib/app-key.ts';
import { EXIT } from '../../../lib/exit-codes.ts';
import type { ExitCode } from '../../../lib/exit-codes.ts';
import type { Api } from '../../session/api.ts';
import { unwrap, usageError } from '../../session/failures.ts';
import { BaseCommand } from '../base/base-command.ts';
import { isMeant } from '../base/instance-meant.ts';

/** One process, as it is named. */
interface Attached {
  /** `project/app:slot`. */
  readonly name: string;
  readonly pid: number;
}

/** `attach`: lines that are typed go to the standard input of a process, and what it writes is shown. */
export default class Attach extends BaseCommand {
  static override summary = 'Type into the standard input of an instance, and see what it writes.';
  static override description = `Each line goes to the process as it is. Ctrl-C or Ctrl-D detaches, and the app runs on. From a pipe, every line is sent, and that is the end.

It is an input and no terminal: a program that edits lines or draws needs one of its own. Linux only, as the user of the app or as root.`;
  static override usage = ['attach APP [SLOT]', 'attach APP:SLOT', 'attach ID'];
  static override examples = [
    '<%= config.bin %> attach shop/repl',
    'echo reload | <%= config.bin %> attach web:0',
  ];
  static override strict = false;
  static override args = {
    app: Args.string({ description: 'An app with one instance, name:slot, or an id.', ignoreStdin: true }),
    number: Args.string({ description: 'The slot, where the app has several.', ignoreStdin: true }),
  };

  async run(): Promise<ExitCode> {
    const { args } = await this.parseLine(Attach);
    const [app, slot, stray] = args;
    if (app === undefined) throw usageError('name an app', 'stateward get lists them');
    if (stray !== undefined) throw usageError(`unexpected argument: ${stray}`);
    if (slot !== undefined && !/^\d+$/.test(slot)) {
      throw usageError(
        `${JSON.stringify(slot)} is not a slot`,
        `write its number: stateward attach ${app} 0`,
      );
    }
    const api = this.connect();
    const attached = await this.#find(slot === undefined ? app : `${app}:${slot}`, api);
    const { openAppInput } = await import('../../attach/app-input.ts');
    const input = openAppInput(attached.pid, attached.name, homeLayout(this.home).run);
    const isTyped = process.stdin.isTTY;
    if (isTyped) this.note(`attached to ${attached.name} (pid ${attached.pid}); Ctrl-C detaches`);
    const ended = new AbortController();
    const shown = isTyped ? this.#show(attached, api, ended.signal) : Promise.resolve();
    const lines = createInterface({ input: process.stdin, terminal: false });
    process.once('SIGINT', () => lines.close());
    try {
      for await (const line of lines) await input.write(`${line}\n`);
    } finally {
      input.close();
      process.stdin.destroy();
      ended.abort();
    }
    await shown;
    if (isTyped) this.note(`detached; ${attached.name} runs on`);
    return EXIT.OK;
  }

  async #find(word: string, api: Api): Promise<Attached> {
    const selectors = await this.selectorsNamed([word], api);
    const { items } = unwrap(await api.apps({ selectors, spec: 'none', detail: 'brief' }));
    const found = items.flatMap(({ project, name, status }) =>
      status.instances
        .filter((instance) => isMeant([word], [name, `${project}/${name}`], instance))
        .map(({ slot, pid }) => ({ name: `${appKey(project, name)}:${slot}`, pid })),
    );
    const running = found.flatMap(({ name, pid }) => (pid === null ? [] : [{ name, pid }]));
    const [first, second] = running;
    if (first === undefined) throw usageError(`no process of ${word} runs`, `stateward why ${word} says why`);
    if (second === undefined) return first;
    const names = running.map(({ name }) => name).join(', ');
    throw usageError(`${word} is ${running.length} processes`, `attach to one of them: ${names}`);
  }

  /** What the process writes from now on, as it is. */
  async #show({ name }: Attached, api: Api, signal: AbortSignal): Promise<void> {
    const query = { selectors: [name], lines: 0, stream: 'all', follow: true } as const;
    try {
      for await (const { line } of api.logs(query, { signal })) this.print(`${line}\n`);
    } catch (error) {
      if (!signal.aborted) throw error;
    }
  }
}
