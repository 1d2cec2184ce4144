import { realpathSync } from 'node:fs';
import { join } from 'node:path';
import type { HomeLayout } from '../../home/layout.ts';
import type { Instance } from '../instances/instance.ts';
import { intentOf } from '../instances/instance.ts';
import type { MarkContext } from './mark-context.ts';
import { markText } from './mark.ts';

/** How the marks of a home are told; `key`: what they are signed with. */
export function marksOf(
  { home, fifos }: HomeLayout,
  { processes, key, now }: Pick<MarkContext, 'processes' | 'key' | 'now'>,
): MarkContext {
  const real = realHome(home);
  return { processes, key, now, home: real, fifos: join(real, fifos.slice(home.length)) };
}

function realHome(home: string): string {
  try {
    return realpathSync(home);
  } catch {
    return home;
  }
}

/** The mark that the process of an instance is to carry. */
export function markOf(instance: Instance, { home, key }: Pick<MarkContext, 'home' | 'key'>): string {
  const { background } = instance;
  return markText({ home, intent: intentOf(instance), ...(background !== null && { background }) }, key);
}
