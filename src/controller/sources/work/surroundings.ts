import { windowState, type SyncWindow } from '../../../sources/schedule/windows.ts';
import type { Looks } from '../../../sources/decide/next-step.ts';
import type { SourceSpec, WindowSpec } from '../../../sources/model/source.ts';
import { loadTimetables, type ReadTimetable } from '../../../triggers/schedule/timetable.ts';

/** This host, as `hosts` of sources names it. */
export interface ThisHost {
  readonly name: string;
  /** `role=web` */
  readonly labels: readonly string[];
}

/** What is read of the environment of the daemon. */
export function thisHost(
  environment: Readonly<Record<string, string | undefined>>,
  hostname: string,
): ThisHost {
  const labels = (environment['STATEWARD_HOST_LABELS'] ?? '').split(',').map((label) => label.trim());
  const name = environment['STATEWARD_HOST'] ?? '';
  return { name: name === '' ? hostname : name, labels: labels.filter((label) => label !== '') };
}

/** Whether the source is for this host. */
export function elsewhere({ hosts }: SourceSpec, { name, labels }: ThisHost): Pick<Looks, 'elsewhere'> {
  if (hosts === null || hosts.some((host) => host === name || labels.includes(host))) return {};
  return { elsewhere: hosts.join(', ') };
}

/** Whether the source is for this host, and who goes first. */
export function placeOf(spec: SourceSpec, host: ThisHost): Pick<Looks, 'elsewhere' | 'waitsFor' | 'isFirst'> {
  const waitFor = spec.from.kind === 'git' ? spec.from.waitFor : undefined;
  if (waitFor === undefined) return elsewhere(spec, host);
  return {
    ...elsewhere(spec, host),
    ...(waitFor.host === host.name ? { isFirst: true } : { waitsFor: waitFor }),
  };
}

/** The windows of a source. Timetables are read when they are needed first: most sources have none. */
export class Windows {
  readonly #declared: readonly WindowSpec[];
  #read: readonly SyncWindow[] | undefined;

  constructor(declared: readonly WindowSpec[]) {
    this.#declared = declared;
  }

  /** Whether what is new may be applied by itself now. */
  async closed(now: number): Promise<Pick<Looks, 'closed'>> {
    if (this.#declared.length === 0) return {};
    this.#read ??= readWindows(this.#declared, await loadTimetables());
    const { open, changesAt } = windowState(this.#read, now);
    return open ? {} : { closed: { until: changesAt } };
  }
}

function readWindows(windows: readonly WindowSpec[], read: ReadTimetable): readonly SyncWindow[] {
  return windows.map(({ kind, cron, durationMs, timeZone }) => ({
    kind,
    durationMs,
    times: read({ expression: cron, timezone: timeZone, seed: cron }),
  }));
}
