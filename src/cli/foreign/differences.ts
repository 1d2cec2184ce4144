import type { CliContext } from '../session/context.ts';

/** How a word of PM2 that is also one of ours differs: what somebody who knows PM2 would not expect. */
export const DIFFERENCES = {
  delete: 'forgotten at once, also for the next boot; apply or start of the file brings it back',
  env: 'only what is declared: variables of the shell do not come in (inherit_env: [NAME] lets one in)',
  kill: 'nothing is forgotten: the apps come back when the daemon starts (delete all forgets them, before kill)',
  scale: 'holds until the next apply, which goes back to what the file declares',
  send: "sent as a message (process.on('message')); a line on standard input: echo LINE | stateward attach APP",
  stop: 'stays stopped, over a reboot too, until start or the next apply',
  start: 'what runs is left as it is, where PM2 starts it anew: that is stateward restart',
} as const satisfies Readonly<Record<string, string>>;

export type DifferingWord = keyof typeof DIFFERENCES;

/** Commands that differ whenever they succeed; `start` does only when it finds everything running. */
const ALWAYS: readonly string[] = ['delete', 'env', 'kill', 'scale', 'send', 'stop'];

/** Whether a command means something else than PM2's command of that name, each time. */
export function alwaysDiffers(id: string): id is DifferingWord {
  return ALWAYS.includes(id);
}

/** One line for a person at a terminal: scripts and pipes get none. */
export function sayDifference(
  word: DifferingWord,
  { streams, env }: Pick<CliContext, 'streams' | 'env'>,
): void {
  const { stderr } = streams;
  if (stderr.isTTY === true && (env['CI'] ?? '') === '') stderr.write(`${DIFFERENCES[word]}\n`);
}
