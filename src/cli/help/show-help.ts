import { COMMANDS } from '../generated/command-table.ts';
import { allPages, pageOf } from '../pages/command-page.ts';
import type { CliContext } from '../session/context.ts';
import { terminalWidth } from '../views/text/terminal.ts';
import { chooseTarget } from '../targets/choose.ts';
import { commandHelp } from './command-help.ts';
import { helpWidth } from './layout.ts';
import { groupHelp, rootHelp } from './root-help.ts';
import { topicNames, topicText } from './topics.ts';

/** Prints the help of a command (of a target, where `argv` names one), of a first word that several commands have or, without words, of the program. */
export async function showHelp(
  subject: readonly string[],
  argv: readonly string[],
  context: CliContext,
): Promise<void> {
  const { stdout } = context.streams;
  const width = helpWidth(terminalWidth(stdout));
  const id = subject.join(':');
  const chosen = chooseTarget(id, argv);
  const entry = (chosen.ok ? chosen.value.entry : null) ?? COMMANDS[id];
  if (entry !== undefined) stdout.write(commandHelp(await pageOf(id, entry), width));
  else {
    const pages = await allPages(COMMANDS);
    const [first] = subject;
    stdout.write(
      first === undefined
        ? rootHelp(pages, topicNames(context.files.docs), width)
        : groupHelp(first, pages, width),
    );
  }
}

/** Prints a page of the documentation, or a section of one. False: there is none of that name. */
export function showTopic(words: readonly string[], { files, streams }: CliContext): boolean {
  const text = topicText(files.docs, words.join(' '));
  if (text === null) return false;
  streams.stdout.write(text);
  return true;
}
