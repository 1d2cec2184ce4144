import { createApiClient } from '../../../api/client/client.ts';
import { resolveHome } from '../../../home/layout.ts';
import { selectionWords } from '../../commands/base/selection.ts';
import type { Api } from '../../session/api.ts';
import type { CliContext } from '../../session/context.ts';
import { createStyle, wantsColor, type OutputStream, type Style } from '../../views/text/terminal.ts';
import { boolean, string } from './flags.ts';
import { NotPlain } from './not-plain.ts';
import { readLine, type LineShape } from './read-line.ts';
import { plainTransport, type Fetch, type PlainTransport } from './transport.ts';

/** What a command that answers a plain line gets. */
export interface PlainRoom {
  readonly context: CliContext;
  readonly fetch: Fetch;
}

/**
 * Stands in for the base of all commands where reads are built to answer plain lines (scripts/bundling/plain-commands.mjs), with the
 * same members. What it cannot do throws NotPlain.
 */
export abstract class BaseCommand {
  static readonly baseFlags = { home: string({}), 'no-color': boolean({}) };

  readonly context: CliContext;
  argv: readonly string[];
  readonly #fetch: Fetch;
  #transport: PlainTransport | null = null;
  #noColor = false;
  #home: string | undefined;

  constructor(argv: readonly string[], { context, fetch }: PlainRoom) {
    this.argv = argv;
    this.context = context;
    this.#fetch = fetch;
  }

  abstract run(): Promise<number>;

  /** Whether every answer was as usual: else what was printed counts for nothing. */
  isPlain(): boolean {
    return this.#transport?.isPlain() ?? true;
  }

  protected async parseLine(command: Partial<LineShape>): Promise<unknown> {
    const shape = {
      ...command,
      flags: { ...BaseCommand.baseFlags, ...command.flags },
      args: command.args ?? {},
    };
    const { flags, words } = await readLine(this.argv, shape);
    this.#noColor = flags['no-color'] === true;
    this.#home = flags['home'] as string | undefined;
    return { flags, args: [...words, ...selectionWords(flags)], passthrough: [] };
  }

  protected get home(): string {
    return resolveHome(this.#home, this.context.env);
  }

  protected connect(): Api {
    this.#transport ??= plainTransport(this.home, this.#fetch);
    return createApiClient(this.#transport, this.context.clock);
  }

  /** The daemon answers; without one, the full command reads what is on disk. */
  protected connectQuietly(): Api {
    return this.connect();
  }

  /** None is a file. Where one means several apps, or none, the daemon says so, and the full command looks further. */
  protected selectorsNamed(words: readonly string[]): Promise<readonly string[]> {
    return Promise.resolve(words);
  }

  protected get outStyle(): Style {
    return this.#styleOf(this.context.streams.stdout);
  }

  protected get errStyle(): Style {
    return this.#styleOf(this.context.streams.stderr);
  }

  protected print(text: string): void {
    this.context.streams.stdout.write(text);
  }

  protected note(line: string): void {
    this.context.streams.stderr.write(`${line}\n`);
  }

  protected chosen(): never {
    throw new NotPlain();
  }

  #styleOf(stream: OutputStream): Style {
    return createStyle(wantsColor(stream, { env: this.context.env, noColor: this.#noColor }));
  }
}
