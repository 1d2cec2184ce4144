import { readdirSync, readFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { openEnvelope } from '../../../src/state/disk/envelope.ts';
import { stateLayout } from '../../../src/state/disk/layout.ts';
import type { RevisionList } from '../../../src/api/contract/wire/revisions.ts';
import type { HomeLayout } from '../../../src/home/layout.ts';
import type { Ran } from '../../support/host.ts';
import type { Canary } from './watch/canary.ts';
import type { Marked } from './watch/marked.ts';
import type { SlotWatch } from './watch/slot-watch.ts';

/** What of a world has to hold. */
interface Watched {
  readonly paths: HomeLayout;
  readonly slots: SlotWatch;
  readonly canary: Canary;
  processes(): readonly Marked[];
  daemons(): readonly Marked[];
  run(args: readonly string[]): Promise<Ran>;
}

/**
 * What holds after every fault, in every row:
 *
 * - no slot holds two live instances, nor did it at any look in between (slot-watch.ts);
 * - no signal has reached a process that is not ours (canary.ts);
 * - every state file reads back whole, and its revision is the one that the daemon has accepted;
 * - no temporary file is left where nobody writes;
 * - there is one controller and one runner at most.
 *
 * That commands end in time and with the codes that are true, and that ports answer, is what rows ask for themselves.
 */
export async function assertInvariants(world: Watched): Promise<void> {
  world.slots.look();
  const problems = [
    ...world.slots.complaints,
    ...world.canary.complaints.map((what) => `a bystander was sent ${what}`),
    ...(await stateProblems(world)),
    ...daemonProblems(world),
  ];
  if (problems.length > 0) throw new Error(`an invariant does not hold:\n  ${problems.join('\n  ')}`);
}

/** What is left of a home, and of its processes, when everything was stopped. */
export function leftProblems(world: Watched): readonly string[] {
  const processes = [...world.processes(), ...world.daemons()];
  return processes.map(({ pid, command }) => `process ${pid} is left: ${command}`);
}

async function stateProblems(world: Watched): Promise<readonly string[]> {
  const layout = stateLayout(world.paths.state);
  const histories = filesOf(layout.history).flatMap((path) => {
    const found = read(path);
    return 'problem' in found ? [`${path} is damaged: ${found.problem}`] : [];
  });
  const projects = await Promise.all(filesOf(layout.projects).map((path) => projectProblems(world, path)));
  return [...histories, ...projects.flat()];
}

/** What it holds, against what the daemon says. */
async function projectProblems(world: Watched, path: string): Promise<readonly string[]> {
  const found = read(path);
  if ('problem' in found) return [`${path} is damaged: ${found.problem}`];
  const { project, revision } = found.data as { readonly project: string; readonly revision: number };
  const ran = await world.run(['history', project, '-o', 'json']);
  if (ran.code !== 0) return [`history ends with ${String(ran.code)}: ${ran.stderr.trim()}`];
  const [newest] = (JSON.parse(ran.stdout) as RevisionList).items;
  if (newest?.revision === revision) return [];
  return [`${path} holds revision ${revision}; the daemon has accepted ${newest?.revision ?? 'none'}`];
}

function read(path: string): { readonly data: unknown } | { readonly problem: string } {
  const opened = openEnvelope(readFileSync(path, 'utf8'));
  if (opened.ok) return { data: opened.value };
  return { problem: opened.error.kind === 'newer' ? 'it is newer' : opened.error.message };
}

function filesOf(folder: string): readonly string[] {
  return readdirSync(folder)
    .filter((name) => name.endsWith('.json') && !basename(name).startsWith('.'))
    .map((name) => join(folder, name));
}

function daemonProblems(world: Watched): readonly string[] {
  const runners = world.daemons().filter(({ command }) => command.startsWith('stateward runner'));
  if (runners.length <= 1) return [];
  return [`there are ${runners.length} runners: ${runners.map(({ pid }) => pid).join(', ')}`];
}
