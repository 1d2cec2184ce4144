/**
 * Stands in for `@oclif/core/command` and `@oclif/core/config` where verbs are built to answer plain lines
 * (scripts/bundling/plain-commands.mjs): what the base of all commands has of them.
 */
export abstract class Command {
  argv: readonly string[];

  constructor(argv: readonly string[]) {
    this.argv = argv;
  }
}

/** A command asks nothing of it. */
export const Config = Object;
