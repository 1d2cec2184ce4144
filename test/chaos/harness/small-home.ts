import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, rmSync, statSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { homeLayout } from '../../../src/home/layout.ts';
import type { World } from './world.ts';

/**
 * Puts the home on a small file system of its own, in a mount namespace that commands and the daemon live in. Gives
 * what frees it, and where it is seen from outside.
 */
export async function smallHome(world: World, size: string) {
  mkdirSync(world.home, { mode: 0o700 });
  const mount = `mount -t tmpfs -o size=${size},mode=700 tmpfs '${world.home}' && echo mounted && exec sleep 100000`;
  const holder = spawn('unshare', ['-m', 'sh', '-c', mount], { stdio: ['ignore', 'pipe', 'inherit'] });
  await once(holder.stdout, 'data');
  world.within = ['nsenter', '--mount', `--target=${holder.pid}`, `--wd=${world.folder}`];
  world.paths = homeLayout(`/proc/${holder.pid}/root${world.home}`);
  return {
    /** Takes all the room that there is, but for so many bytes. */
    fill(left = 0) {
      const filling = join(world.paths.home, 'filling');
      fillUp(filling);
      if (left > 0) truncateSync(filling, statSync(filling).size - left);
    },
    free: () => rmSync(join(world.paths.home, 'filling')),
    async end() {
      const ended = once(holder, 'exit');
      holder.kill('SIGKILL');
      await ended;
    },
  };
}

function fillUp(path: string): void {
  try {
    for (;;) writeFileSync(path, Buffer.alloc(4_096), { flag: 'a' });
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOSPC') throw error;
  }
}
