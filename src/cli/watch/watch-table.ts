import type { AppList } from '../../api/contract/wire/apps.ts';
import { EXIT, type ExitCode } from '../../lib/exit-codes.ts';
import { openBlock } from '../screen/block.ts';
import { interruption } from '../session/interruption.ts';
import type { CliContext } from '../session/context.ts';
import type { AppTableOptions } from '../views/apps/app-table.ts';
import { canMoveCursor, terminalWidth } from '../views/text/terminal.ts';
import { changedRows } from './changed-rows.ts';
import { liveTable } from './live-table.ts';

export interface WatchTableOptions {
  readonly context: CliContext;
  /** Opens the stream of lists; `live`: also after every round of samples of what processes use. */
  readonly watch: (live: boolean, signal: AbortSignal) => AsyncIterable<AppList>;
  readonly table: Omit<AppTableOptions, 'nowMs' | 'columns'>;
  /** Puts the apps in their order. */
  readonly order: (list: AppList) => AppList;
}

const TICK_MS = 1_000;

/** `get -w` as a table: drawn in its place on a terminal, else a line a change. Ends with the stream, or when interrupted. */
export async function watchTable(options: WatchTableOptions): Promise<ExitCode> {
  const { streams, env } = options.context;
  return canMoveCursor(streams.stdout, env) ? drawn(options) : printed(options);
}

async function drawn({ context, watch, table, order }: WatchTableOptions): Promise<ExitCode> {
  const { streams, clock } = context;
  const block = openBlock(streams.stdout, clock);
  const stop = new AbortController();
  const interrupt = interruption();
  void interrupt.happened.then(() => stop.abort());
  const tick = (): void => {
    block.refresh();
    cancel = clock.after(TICK_MS, tick);
  };
  let cancel = clock.after(TICK_MS, tick);
  let last: readonly string[] = [];
  try {
    for await (const found of watch(true, stop.signal)) {
      const list = order(found);
      block.show((size) => {
        last = liveTable(list, { ...table, nowMs: clock.now(), columns: size.columns - 1 }, size);
        return last;
      });
    }
    return stop.signal.aborted ? EXIT.INTERRUPTED : EXIT.OK;
  } finally {
    cancel();
    interrupt.dispose();
    block.end(last);
  }
}

async function printed({ context, watch, table, order }: WatchTableOptions): Promise<ExitCode> {
  const { streams, clock } = context;
  const columns = terminalWidth(streams.stdout);
  let rows: ReturnType<typeof changedRows> | undefined;
  for await (const list of watch(false, new AbortController().signal)) {
    rows ??= changedRows({
      ...table,
      columns,
      get nowMs() {
        return clock.now();
      },
    });
    const { text, gone } = rows(order(list));
    streams.stdout.write(text);
    for (const app of gone) streams.stderr.write(`${app} is not declared any more\n`);
  }
  return EXIT.OK;
}
