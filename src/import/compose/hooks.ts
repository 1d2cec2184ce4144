import { splitWords } from '../../spec/normalise/run/split-words.ts';
import type { AppBuilder } from '../model/build-app.ts';
import { oneAfterTheOther } from '../model/command.ts';
import { isPlain, textsOf } from '../model/plain-node.ts';
import { withVariables } from './variables.ts';

/** `post_start` and `pre_stop` of a service: commands that run one after the other, each with settings of its own. */
export function lifecycleHook(app: AppBuilder, name: 'post_start' | 'pre_stop', value: unknown): void {
  const given = Array.isArray(value) ? (value as readonly unknown[]) : [value];
  const commands = given.flatMap((entry) => {
    const { command, ...rest } = isPlain(entry) ? entry : { command: entry };
    const words = typeof command === 'string' ? splitWords(command) : textsOf(command ?? []);
    for (const [key, inner] of Object.entries(rest))
      app.unmapped(
        `${name}.${key}`,
        inner,
        'a hook runs as the app does: as its user, in its cwd, with its env',
      );
    return words.length === 0 ? [] : [withVariables(words)];
  });
  const [only, ...more] = commands;
  if (only === undefined) return;
  // A line for a shell has its own variables.
  if (more.length > 0 && commands.flat().some((word) => word.includes('$'))) {
    app.unmapped(name, value, 'one command, or a line for a shell: [sh, -c, "..."]');
    return;
  }
  const command = more.length === 0 ? only : oneAfterTheOther(commands);
  app.set('hooks', { ...(app.get('hooks') as object | undefined), [name]: { command } });
}
