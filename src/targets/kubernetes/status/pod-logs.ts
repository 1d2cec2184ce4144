import type { LogLine } from '../../../api/contract/wire/logs.ts';
import type { AppKey } from '../../../lib/app-key.ts';
import type { TargetLogs } from '../../model/target.ts';
import type { Cluster } from '../cluster/cluster.ts';

/** A pod whose lines are wanted. */
export interface LoggingPod {
  readonly app: AppKey;
  readonly pod: string;
  readonly slot: number;
  /** How many the app has. */
  readonly instances: number;
}

/** Lines of several pods: those of the past merged by time, and then as they come. */
export async function* podLogs(
  cluster: Cluster,
  pods: readonly LoggingPod[],
  { lines, since, follow, signal }: Pick<TargetLogs, 'lines' | 'since' | 'follow' | 'signal'>,
): AsyncIterable<LogLine> {
  const past = await Promise.all(
    pods.map(async (pod) => {
      const read: LogLine[] = [];
      const options = { lines, follow: false, ...(since !== undefined && { since }) };
      for await (const line of cluster.logs(pod.pod, options)) read.push(lineOf(line, pod));
      return read;
    }),
  );
  const merged = past.flat().toSorted((a, b) => ((a.time ?? '') < (b.time ?? '') ? -1 : 1));
  yield* lines === null ? merged : merged.slice(-lines);
  if (follow) yield* followed(cluster, pods, past, signal);
}

async function* followed(
  cluster: Cluster,
  pods: readonly LoggingPod[],
  past: readonly (readonly LogLine[])[],
  signal: AbortSignal,
): AsyncIterable<LogLine> {
  const waiting: LogLine[] = [];
  let wake: () => void = () => undefined;
  let open = pods.length;
  const readers = pods.map(async (pod, index) => {
    // From the last line on, which is among them again: the server counts whole seconds.
    const last = past[index]?.at(-1);
    const seen = new Set(past[index]?.map(({ time, line }) => `${time ?? ''} ${line}`));
    const since = last?.time;
    const options = { lines: null, follow: true, ...(since != null && { since }) };
    for await (const text of cluster.logs(pod.pod, options)) {
      if (signal.aborted) return;
      if (seen.has(text)) continue;
      waiting.push(lineOf(text, pod));
      wake();
    }
  });
  const ended = readers.map(async (reader) => {
    await reader.catch(() => undefined);
    open -= 1;
    wake();
  });
  signal.addEventListener('abort', () => wake(), { once: true });
  while (!signal.aborted && (open > 0 || waiting.length > 0)) {
    if (waiting.length === 0) {
      await new Promise<void>((resolve) => {
        wake = resolve;
        if (waiting.length > 0 || open === 0) resolve();
      });
    }
    yield* waiting.splice(0);
  }
  // Once nobody reads any more, whoever closes the cluster ends the others.
  if (open === 0) await Promise.all(ended);
}

/** `2026-11-30T00:00:00.123456789Z text` */
function lineOf(text: string, { app, slot, instances }: LoggingPod): LogLine {
  const space = text.indexOf(' ');
  const [time, line] = space === -1 ? [text, ''] : [text.slice(0, space), text.slice(space + 1)];
  return { time, app, slot, stream: 'out', instances, line };
}
