import { existsSync } from 'node:fs';
import { constants } from 'node:os';
import { join } from 'node:path';
import * as Args from '@oclif/core/args';
import * as Flags from '@oclif/core/flags';
import { homeLayout } from '../../../home/layout.ts';
import { appKey } from '../../../lib/app-key.ts';
import { EXIT, passedOn } from '../../../lib/exit-codes.ts';
import type { ExitCode } from '../../../lib/exit-codes.ts';
import type { SessionEnd } from '../../attach/attach-terminal.ts';
import { parseDetachKeys, USUAL_DETACH_KEYS } from '../../attach/detach-keys.ts';
import type { Api } from '../../session/api.ts';
import { unwrap, usageError } from '../../session/failures.ts';
import { BaseCommand } from '../base/base-command.ts';
import { isMeant } from '../base/instance-meant.ts';

/** One process, as it is named. */
interface Attached {
  /** `project/app:slot`. */
  readonly name: string;
  readonly slot: number;
  readonly pid: number;
}

interface AttachOptions {
  readonly keys: string;
  readonly detachKeys: Buffer;
  readonly readOnly: boolean;
}

/** `attach`: the terminal of a process, or lines for its standard input, and what it writes. */
export default class Attach extends BaseCommand {
  static override summary = 'Bring the terminal of an instance to yours, or type into its standard input.';
  static override description = `An app with tty: true has a terminal: every key goes to it, Ctrl-C too, and it has the size of yours; several can be attached at once, and the size is that of whoever changed theirs last. Of any other app each line goes to its standard input, and Ctrl-C or Ctrl-D detaches (Linux, as the user of the app or as root).

The keys ctrl-p ctrl-q detach, and the app runs on. When the process ends, attach ends with its exit code. From a pipe, everything is typed and nothing shown, and that is the end.`;
  static override usage = ['attach APP [SLOT]', 'attach APP:SLOT', 'attach ID'];
  static override examples = [
    '<%= config.bin %> attach shop/repl',
    '<%= config.bin %> attach web:0 --read-only',
    'echo reload | <%= config.bin %> attach web:0',
  ];
  static override strict = false;
  static override endsWithReader = true;
  static override args = {
    app: Args.string({ description: 'An app with one instance, name:slot, or an id.', ignoreStdin: true }),
    number: Args.string({ description: 'The slot, where the app has several.', ignoreStdin: true }),
  };
  static override flags = {
    'detach-keys': Flags.string({
      description: 'Keys that detach: characters and ctrl-LETTER, with commas between.',
      default: USUAL_DETACH_KEYS,
      helpValue: 'KEYS',
    }),
    'read-only': Flags.boolean({
      aliases: ['no-stdin'],
      description: 'Only look: nothing is typed, and Ctrl-C detaches.',
    }),
  };

  async run(): Promise<ExitCode> {
    const { flags, args } = await this.parseLine(Attach);
    const [app, slot, stray] = args;
    if (app === undefined) throw usageError('name an app', 'stateward get lists them');
    if (stray !== undefined) throw usageError(`unexpected argument: ${stray}`);
    if (slot !== undefined && !/^\d+$/.test(slot)) {
      throw usageError(
        `${JSON.stringify(slot)} is not a slot`,
        `write its number: stateward attach ${app} 0`,
      );
    }
    const keys = flags['detach-keys'];
    const options = { keys, detachKeys: parseDetachKeys(keys), readOnly: flags['read-only'] };
    const api = this.connect();
    const attached = await this.#find(slot === undefined ? app : `${app}:${slot}`, api);
    const socket = join(homeLayout(this.home).terminals, String(attached.pid));
    return existsSync(socket)
      ? this.#toTerminal(socket, attached, options, api)
      : this.#toStreams(attached, options, api);
  }

  async #toTerminal(
    socket: string,
    { name, slot, pid }: Attached,
    { keys, ...options }: AttachOptions,
    api: Api,
  ): Promise<ExitCode> {
    const { attachTerminal } = await import('../../attach/attach-terminal.ts');
    const { stdin, stdout } = process;
    const onAttached = (): void => {
      if (!stdin.isTTY) return;
      this.note(`attached to ${name} (pid ${pid}${options.readOnly ? ', read-only' : ''}); ${keys} detaches`);
    };
    const since = this.context.clock.now();
    const end = await attachTerminal({ socket, name, ...options, stdin, stdout, onAttached });
    return end.kind === 'ended' ? this.#afterItsEnd({ name, slot, since }, api) : this.#left(end, name);
  }

  #left(end: Exclude<SessionEnd, { kind: 'ended' }>, name: string): ExitCode {
    if (end.kind === 'sent') return EXIT.OK;
    this.note(`\ndetached; ${name} runs on`);
    return end.kind === 'detached' ? EXIT.OK : passedOn(128 + constants.signals[end.signal]);
  }

  async #afterItsEnd(
    process: { readonly name: string; readonly slot: number; readonly since: number },
    api: Api,
  ): Promise<ExitCode> {
    const { howItEnded } = await import('../../attach/how-it-ended.ts');
    const ended = await howItEnded(process, api);
    const { name } = process;
    this.note(
      ended === null
        ? `\nthe terminal of ${name} is closed, and the daemon does not say how the process ended`
        : `\n${name} ${ended.text}; stateward why ${name.replace(/:\d+$/, '')} says what follows`,
    );
    return ended === null ? EXIT.FAILED : passedOn(ended.code);
  }

  async #toStreams(
    { name, pid }: Attached,
    { keys, detachKeys, readOnly }: AttachOptions,
    api: Api,
  ): Promise<ExitCode> {
    const { stdin, stdout } = process;
    const { openAppInput } = await import('../../attach/app-input.ts');
    const { sendLines, showLines, typeLines } = await import('../../attach/attach-lines.ts');
    const { followOutput } = await import('../../attach/followed-output.ts');
    const input = readOnly ? null : openAppInput(pid, name, homeLayout(this.home).run);
    const onAttached = (): void =>
      this.note(
        `attached to ${name} (pid ${pid}${readOnly ? ', read-only' : ''}); Ctrl-C or ${keys} detaches`,
      );
    try {
      if (!stdin.isTTY && input !== null) {
        await sendLines(stdin, input);
        return EXIT.OK;
      }
      const query = { selectors: [name], lines: 0, stream: 'all', follow: true } as const;
      const output = await followOutput((options) => api.logs(query, options));
      if (stdin.isTTY) await typeLines({ stdin, stdout, detachKeys, output, onAttached }, input);
      else await showLines({ stdout, output, onAttached });
    } finally {
      input?.close();
    }
    this.note(`detached; ${name} runs on`);
    return EXIT.OK;
  }

  async #find(word: string, api: Api): Promise<Attached> {
    const selectors = await this.selectorsNamed([word], api);
    const { items } = unwrap(await api.apps({ selectors, spec: 'none', detail: 'brief' }));
    const found = items.flatMap(({ project, name, status }) =>
      status.instances
        .filter((instance) => isMeant([word], [name, `${project}/${name}`], instance))
        .map(({ slot, pid }) => ({ name: `${appKey(project, name)}:${slot}`, slot, pid })),
    );
    const running = found.flatMap(({ pid, ...one }) => (pid === null ? [] : [{ ...one, pid }]));
    const [first, second] = running;
    if (first === undefined) throw usageError(`no process of ${word} runs`, `stateward why ${word} says why`);
    if (second === undefined) return first;
    const names = running.map(({ name }) => name).join(', ');
    throw usageError(`${word} is ${running.length} processes`, `attach to one of them: ${names}`);
  }
}
