import type { HomeLayout } from '../../home/layout.ts';
import type { Clock } from '../../lib/clocks/clock.ts';
import type { Ending } from '../instances/background-rules.ts';
import type { Instance } from '../instances/instance.ts';
import type { MarkContext } from '../marks/mark-context.ts';
import { removeFifosNamed, unusedFifos } from '../output/fifo-pool.ts';
import type { RunnerEvent } from '../protocol/messages.ts';
import type { RunnerParts } from '../runner-parts.ts';
import type { Predecessor } from '../succession/predecessor.ts';
import { adoptInstances } from './adoption.ts';
import { adoptionNotices } from './notices.ts';
import { takeOver } from './take-over.ts';

export interface IntoTableOptions {
  readonly paths: Pick<HomeLayout, 'ledger' | 'fifos'>;
  readonly marks: MarkContext;
  readonly clock: Clock;
  readonly log: (message: string) => void;
  /** The runner before lives: it says what it has, how its processes end, and when its outputs are to be read. */
  readonly before: Predecessor | undefined;
}

/** Nobody has seen how. */
const UNSEEN: Ending = { code: null, signal: null };

/** Puts what an earlier runner has into the table. Gives what a person is to be told of it. */
export async function adoptIntoTable(
  { table, output }: Pick<RunnerParts, 'table' | 'output'>,
  { paths, marks, clock, log, before }: IntoTableOptions,
): Promise<readonly RunnerEvent[]> {
  const gone = before?.gone;
  // Whoever lives and is the parent of a process has the first word on its end.
  const onEnd = (instance: Instance): void => {
    if (gone === undefined) table.ended(instance, UNSEEN);
    else void gone.then(() => table.ended(instance, UNSEEN));
  };
  const context = { ...marks, clock, log, output, onEnd, isTold: before !== undefined };
  const adopted =
    before === undefined
      ? await takeOver(paths.ledger, context)
      : await adoptInstances(
          [...before.instances.values()].map(({ entry }) => entry),
          context,
        );
  for (const { instance, leftBehind, endedMeanwhile } of adopted) {
    table.restore(instance, leftBehind);
    if (endedMeanwhile) onEnd(instance);
    if (before === undefined) table.reloads.resume(instance);
  }
  const live = adopted.filter(({ instance }) => instance.phase.state !== 'exited');
  const unused = unusedFifos(paths.fifos, new Set(live.map(({ instance }) => instance.io)));
  const tidy = (): void => removeFifosNamed(paths.fifos, unused);
  if (gone === undefined) tidy();
  else void gone.then(tidy);
  return adopted.flatMap(({ instance }) => adoptionNotices(instance));
}
