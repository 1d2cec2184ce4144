import { existsSync, readFileSync } from 'node:fs';
import type { Row } from '../row.ts';
import { leftProblems } from './invariants.ts';
import { until } from './until.ts';
import { World, type WorldOptions } from './world.ts';

/** Longer than this no row may take, whatever it waits for. */
export const ROW_LIMIT_MS = 180_000;

const LOG_LINES = 25;

type Run = Omit<WorldOptions, 'name'>;

/**
 * Runs a row in a world of its own, then asks for the invariants, stops everything as a person would, and looks for what
 * is left. Gives what the row has noted; throws with how to run it again, and the end of the daemon's log.
 */
export async function runRow(row: Row, run: Run): Promise<readonly string[]> {
  await using world = new World({ name: row.name, ...run });
  try {
    await row.run(world);
    world.disarm();
    await world.check();
    await world.ok('daemon', 'stop', '--all');
    world.slots.end();
    await until(() => leftProblems(world).length === 0, 'nothing is left', 5_000).catch(() => undefined);
    const left = leftProblems(world);
    if (left.length > 0) throw new Error(left.join('\n'));
    return world.notes;
  } catch (error) {
    const said = error instanceof Error ? (error.stack ?? error.message) : String(error);
    const again = `again: SEED=${run.seed} ROW=${row.name} npm run test:chaos`;
    // What was thrown is in the text: as a cause it would be printed again.
    // eslint-disable-next-line preserve-caught-error
    throw new Error(`${again}\n${said}\nthe end of daemon.log:\n${logOf(world)}`);
  }
}

function logOf({ paths }: World): string {
  if (!existsSync(paths.daemonLog)) return '(there is none)';
  return readFileSync(paths.daemonLog, 'utf8').trimEnd().split('\n').slice(-LOG_LINES).join('\n');
}
