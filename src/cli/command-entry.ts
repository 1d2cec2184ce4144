import type { CommandClass } from './command-class.ts';

/** How a command is named and got. */
export interface CommandEntry {
  /** Other names of it. */
  readonly aliases: readonly string[];
  /** It changes nothing. */
  readonly changesNothing: boolean;
  /** Loads its code: of twenty commands, one runs. */
  readonly load: () => Promise<{ readonly default: CommandClass }>;
}

/** Commands by id, as oclif writes ids: `get`, `daemon:start`. */
export type CommandTable = Readonly<Record<string, CommandEntry>>;
