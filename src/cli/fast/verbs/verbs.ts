import { systemClock } from '../../../lib/clocks/clock.ts';
import type { ExitCode } from '../../../lib/exit-codes.ts';
import type { CommandClass } from '../../command-class.ts';
import { BaseCommand } from '../../commands/base/base-command.ts';
import { runCommand } from '../../run-command.ts';
import type { CliContext } from '../../session/context.ts';
import { logicalFolder } from '../../session/working-folder.ts';
import type { OutputStream, Streams } from '../../views/text/terminal.ts';
import { NotPlain } from '../plain/not-plain.ts';
import { readLine, type LineShape } from '../plain/read-line.ts';

type Load = () => Promise<{ readonly default: unknown }>;

/**
 * Verbs about apps by name. They are the commands themselves: the build gives them what is needed of the framework, and
 * leaves out how files are read and a daemon is started (scripts/bundling/plain-commands.mjs).
 */
const VERBS: Readonly<Record<string, Load>> = {
  stop: () => import('../../commands/changes/stop.ts'),
  start: () => import('../../commands/changes/start.ts'),
  restart: () => import('../../commands/changes/restart.ts'),
  reload: () => import('../../commands/changes/reload.ts'),
  delete: () => import('../../commands/changes/delete.ts'),
  scale: () => import('../../commands/changes/scale.ts'),
};

export interface VerbOptions {
  /** The name of the command, see verbNamed. */
  readonly name: string;
  /** The whole line, with the word that was typed for it. */
  readonly argv: readonly string[];
  readonly streams: Streams;
  readonly base: Pick<CliContext, 'env' | 'version' | 'files'>;
}

/**
 * Carries out a verb; gives its exit code. Null: the line is not plain, or the daemon does not do it at once. Then nothing was
 * printed, and the daemon has done nothing: the full command is to run. Once it has, everything is said here.
 */
export async function answer({ name, argv, streams, base }: VerbOptions): Promise<ExitCode | null> {
  const load = VERBS[name];
  if (load === undefined) return null;
  const held = heldBack(streams);
  const context: CliContext = {
    ...base,
    // Looked up by who needs it: the folder may be gone, and most lines need none.
    get cwd() {
      return logicalFolder(process.cwd(), base.env['PWD']);
    },
    clock: systemClock,
    streams: held.streams,
    onActed: () => held.letGo(),
  };
  const command = (await load()).default as CommandClass;
  const own = argv.slice(1);
  // Before the command itself reads it: it takes PM2's flags out first, and says so.
  if (!(await isPlain(own, command))) return null;
  try {
    const exit = await runCommand(name, command, { argv, own, context });
    held.letGo();
    return exit;
  } catch (error) {
    // What was left out is asked for before anything is done, so that nothing is done twice.
    if (error instanceof NotPlain && !held.isLetGo()) return null;
    throw error;
  }
}

/** Whether a line can be read without the framework; it has the words for what is wrong with any other. */
async function isPlain(argv: readonly string[], { flags, args, strict }: CommandClass): Promise<boolean> {
  const shape = { flags: { ...BaseCommand.baseFlags, ...flags }, args, strict } as unknown as LineShape;
  try {
    await readLine(argv, shape);
    return true;
  } catch {
    return false;
  }
}

/** Streams whose output waits until it is let go, and goes on as it comes from then on. */
function heldBack(streams: Streams): {
  readonly streams: Streams;
  readonly letGo: () => void;
  readonly isLetGo: () => boolean;
} {
  let held: (() => void)[] | null = [];
  const behind = (stream: OutputStream): OutputStream => ({
    get isTTY(): boolean {
      return stream.isTTY ?? false;
    },
    get columns(): number | undefined {
      return stream.columns;
    },
    get rows(): number | undefined {
      return stream.rows;
    },
    write: (part) => (held === null ? stream.write(part) : held.push(() => stream.write(part))),
  });
  return {
    streams: { stdout: behind(streams.stdout), stderr: behind(streams.stderr) },
    letGo: () => {
      const before = held ?? [];
      held = null;
      for (const write of before) write();
    },
    isLetGo: () => held === null,
  };
}
