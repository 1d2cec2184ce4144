import { systemClock } from '../../../lib/clocks/clock.ts';
import type { CliContext } from '../../session/context.ts';
import type { OutputStream, Streams } from '../../views/text/terminal.ts';
import type { BaseCommand, PlainRoom } from './base-command.ts';
import type { Fetch } from './transport.ts';

type Load = () => Promise<{ readonly default: unknown }>;
type PlainCommand = new (argv: readonly string[], room: PlainRoom) => BaseCommand;

/**
 * Commands that only ask the daemon and print what it says, by the words that name them. They are the commands themselves:
 * the build gives them another base (scripts/bundling/plain-commands.mjs).
 */
const READS: Readonly<Record<string, Load>> = {
  get: () => import('../../commands/reads/get.ts'),
  why: () => import('../../commands/reads/why.ts'),
  describe: () => import('../../commands/reads/describe.ts'),
  logs: () => import('../../commands/reads/logs.ts'),
  events: () => import('../../commands/reads/events.ts'),
  history: () => import('../../commands/reads/history.ts'),
  top: () => import('../../commands/reads/top.ts'),
  version: () => import('../../commands/reads/version.ts'),
  'rollout status': () => import('../../commands/rollout/status.ts'),
  'daemon status': () => import('../../commands/daemon/status.ts'),
  'source list': () => import('../../commands/source/list.ts'),
  'source describe': () => import('../../commands/source/describe.ts'),
  'source history': () => import('../../commands/source/history.ts'),
  'notify list': () => import('../../commands/notify/list.ts'),
  'notify describe': () => import('../../commands/notify/describe.ts'),
  'notify history': () => import('../../commands/notify/history.ts'),
  'audit list': () => import('../../commands/audit/list.ts'),
  id: () => import('../../commands/pm2/id.ts'),
  pid: () => import('../../commands/pm2/pid.ts'),
  jlist: () => import('../../commands/pm2/jlist.ts'),
  ping: () => import('../../commands/pm2/ping.ts'),
};

export interface PlainOptions {
  /** The words that name the command, see READ_NAMES. */
  readonly name: string;
  /** What follows them. */
  readonly argv: readonly string[];
  readonly streams: Streams;
  readonly fetch: Fetch;
  readonly base: Omit<CliContext, 'streams' | 'clock'>;
}

/** Answers a plain read; gives its exit code. Null: it is not plain, nothing was printed, and the full command is to run. */
export async function answer({ name, argv, streams, fetch, base }: PlainOptions): Promise<number | null> {
  const load = READS[name];
  if (load === undefined) return null;
  const said: Said[] = [];
  const kept = { stdout: keptStream(streams.stdout, said), stderr: keptStream(streams.stderr, said) };
  const context: CliContext = { ...base, clock: systemClock, streams: kept };
  let exit: number;
  try {
    const { default: Command } = (await load()) as { readonly default: PlainCommand };
    const command = new Command(argv, { context, fetch });
    exit = await command.run();
    if (!command.isPlain()) return null;
  } catch {
    // Mostly NotPlain; a mistake in the line, and whatever else is wrong, is found again and told of by the full command.
    return null;
  }
  say(said);
  return exit;
}

/** What was written, and where to. */
interface Said {
  readonly stream: OutputStream;
  readonly part: string | Uint8Array;
}

/** A stream that keeps what is written until the command has ended well. */
function keptStream(stream: OutputStream, said: Said[]): OutputStream {
  return {
    get isTTY(): boolean {
      return stream.isTTY ?? false;
    },
    get columns(): number | undefined {
      return stream.columns;
    },
    write: (part) => said.push({ stream, part }),
  };
}

/** Writes what was kept in its order, what belongs together at once. */
function say(said: readonly Said[]): void {
  for (let from = 0; from < said.length;) {
    const stream = said[from]?.stream;
    let to = from;
    while (said[to]?.stream === stream) to += 1;
    const parts = said.slice(from, to).map(({ part }) => part);
    const isText = parts.every((part) => typeof part === 'string');
    stream?.write(isText ? parts.join('') : Buffer.concat(parts.map((part) => Buffer.from(part))));
    from = to;
  }
}
