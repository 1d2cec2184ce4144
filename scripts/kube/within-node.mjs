import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { cniFolder } from './programs.mjs';
import { makeCgroups, removeCgroups } from './cgroups.mjs';

const LAST_SIGNALS_MS = 10_000;

/**
 * Runs a command where a node can be: with processes, mounts, a network and a name of its own, which all end with it, however
 * it ends. Gives its exit code.
 */
export async function runWithinNode(command, env) {
  const cgroup = makeCgroups();
  // Everything that is written there is below it, and nothing is mounted there any more when the namespaces have ended.
  const folder = mkdtempSync(join(tmpdir(), 'stw-kube-'));
  // The shell is the first process there: it has those ended that others have left.
  const within = ['--net', '--mount', '--uts', '--pid', '--fork', '--kill-child', '--mount-proc', '--'];
  const child = spawn(
    'setpriv',
    ['--pdeathsig', 'KILL', '--', 'unshare', ...within, 'sh', '-c', '"$@"; exit $?', 'sh', ...command],
    {
      stdio: 'inherit',
      env: { ...env, KUBE_CGROUP: cgroup, KUBE_CNI: cniFolder(), TMPDIR: folder },
    },
  );
  const stop = () => child.kill('SIGKILL');
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.once(signal, stop);
  const [code] = await once(child, 'exit');
  await emptied();
  rmSync(folder, { recursive: true, force: true });
  return code ?? 1;
}

/** What was in the cgroups ends a moment after the namespace of processes does. */
async function emptied() {
  const until = performance.now() + LAST_SIGNALS_MS;
  while (removeCgroups() > 0 && performance.now() < until) await sleep(200);
}
