import { Help } from '@oclif/core/help';
import { COMMANDS } from './generated/command-table.ts';
import type { CliContext } from './session/context.ts';
import { loadOclifConfig } from './oclif-config.ts';

/** Prints the help of a command, a topic or, without words, of the program. */
export async function showHelp(subject: readonly string[], { version }: CliContext): Promise<void> {
  const config = await loadOclifConfig({ version, root: '/', commands: COMMANDS });
  const help = new Help(config, config.pjson.oclif.helpOptions);
  await help.showHelp([subject.join(':')].filter((word) => word !== ''));
}
