import { randomUUID } from 'node:crypto';
import { readFile, rm } from 'node:fs/promises';
import { dirname } from 'node:path';
import { makeFolder } from '../../lib/make-folder.ts';
import { endMarked } from '../processes/end-marked.ts';
import { inTurn } from '../processes/in-turn.ts';
import { runProgram, type ProgramResult, type ProgramRun } from '../processes/run-program.ts';
import { writeDurable } from './durable.ts';

/** The variable by which all processes of a run are found, wherever they have gone. */
const VARIABLE = 'STATEWARD_BUILD';

/**
 * Runs a program that ends with all that it has started, also when this process dies meanwhile: `note` is a file that
 * says, while it runs, by which value of the variable it is found. One run at a time for each file. Rejects when the
 * disk does not take the note: nothing was run then.
 *
 *   noted, durably ──▶ runs ──▶ ended, with all that it left ──▶ not noted
 *                        └── this process dies: `endNoted` of the next one ends it
 */
export function runFindable(note: string, run: ProgramRun): Promise<ProgramResult> {
  return inTurn(note, async () => {
    await endLeft(note);
    const nonce = randomUUID();
    await makeFolder(dirname(note), 0o700);
    await writeDurable(note, nonce);
    const result = await runProgram({ ...run, env: { ...run.env, [VARIABLE]: nonce } });
    await endLeft(note);
    return result;
  });
}

/** Ends what a process that has died left running: it would write into what comes next, or run a second time beside it. */
export function endNoted(note: string): Promise<void> {
  return inTurn(note, () => endLeft(note));
}

async function endLeft(note: string): Promise<void> {
  const nonce = await readFile(note, 'utf8').catch(() => '');
  if (/^[0-9a-f-]{36}$/.test(nonce)) await endMarked(`${VARIABLE}=${nonce}`);
  await rm(note, { force: true });
}
