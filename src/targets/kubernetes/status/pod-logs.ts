import type { LogLine } from '../../../api/contract/wire/logs.ts';
import { splitAppKey, type AppKey } from '../../../lib/app-key.ts';
import type { Failure } from '../../../lib/failure.ts';
import { ok, type Result } from '../../../lib/result.ts';
import type { TargetLogs } from '../../model/target.ts';
import type { Cluster, PodLogOptions } from '../cluster/cluster.ts';

/** A pod whose lines are wanted. */
export interface LoggingPod {
  readonly app: AppKey;
  readonly pod: string;
  readonly slot: number;
  /** How many the app has. */
  readonly instances: number;
}

/**
 * Lines of several pods: those of the past merged by time, and then as they come. Where one cannot be read, the failure says
 * which, and the others go on.
 */
export async function* podLogs(
  cluster: Cluster,
  pods: readonly LoggingPod[],
  { lines, since, follow, signal }: Pick<TargetLogs, 'lines' | 'since' | 'follow' | 'signal'>,
): AsyncIterable<Result<LogLine, Failure>> {
  const past = await Promise.all(
    pods.map(async (pod) => {
      const read: LogLine[] = [];
      const options = { lines, follow: false, ...(since !== undefined && { since }) };
      for await (const line of linesOf(cluster, pod, options)) {
        if (!line.ok) return { pod, read, failed: line };
        read.push(line.value);
      }
      return { pod, read, failed: null };
    }),
  );
  const merged = past
    .flatMap(({ read }) => read)
    .toSorted((a, b) => ((a.time ?? '') < (b.time ?? '') ? -1 : 1));
  for (const line of lines === null ? merged : merged.slice(-lines)) yield ok(line);
  for (const { failed } of past) if (failed !== null) yield failed;
  if (follow) {
    yield* followed(
      cluster,
      past.filter(({ failed }) => failed === null),
      signal,
    );
  }
}

/** A pod, and what is read of it already. */
interface ReadPod {
  readonly pod: LoggingPod;
  readonly read: readonly LogLine[];
}

async function* followed(
  cluster: Cluster,
  pods: readonly ReadPod[],
  signal: AbortSignal,
): AsyncIterable<Result<LogLine, Failure>> {
  const waiting: Result<LogLine, Failure>[] = [];
  let wake: () => void = () => undefined;
  let open = pods.length;
  const readers = pods.map(async ({ pod, read }) => {
    // From the last line on, which is among them again: the server counts whole seconds.
    const seen = new Set(read.map(textOf));
    const since = read.at(-1)?.time;
    const options = { lines: null, follow: true, ...(since != null && { since }) };
    for await (const line of linesOf(cluster, pod, options)) {
      if (signal.aborted) return;
      if (line.ok && seen.has(textOf(line.value))) continue;
      waiting.push(line);
      wake();
    }
  });
  const ended = readers.map(async (reader) => {
    await reader;
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

async function* linesOf(
  cluster: Cluster,
  pod: LoggingPod,
  options: Omit<PodLogOptions, 'container'>,
): AsyncIterable<Result<LogLine, Failure>> {
  const { name: container } = splitAppKey(pod.app);
  for await (const line of cluster.logs(pod.pod, { ...options, container }))
    yield line.ok ? ok(lineOf(line.value, pod)) : line;
}

function textOf({ time, line }: LogLine): string {
  return `${time ?? ''} ${line}`;
}

/** `2026-11-30T00:00:00.123456789Z text` */
function lineOf(text: string, { app, slot, instances }: LoggingPod): LogLine {
  const space = text.indexOf(' ');
  const [time, line] = space === -1 ? [text, ''] : [text.slice(0, space), text.slice(space + 1)];
  return { time, app, slot, stream: 'out', instances, line };
}
