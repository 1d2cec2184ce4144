import { resolve } from 'node:path';
import { parseDuration } from '../../lib/units.ts';
import { SETTING_DEFAULTS, type SettingValues } from './generated/setting-fields.ts';
import { listenPlace, type ListenPlace } from './listen-place.ts';

const MB = 1024 * 1024;

/** What holds in a home: what its config.yaml says, and the default of every other key. Times are milliseconds. */
export interface Settings {
  readonly http: HttpSettings;
  readonly intervals: IntervalSettings;
  readonly limits: LimitSettings;
  readonly mcp: McpSettings;
}

/** The listener for browsers and other machines. */
export interface HttpSettings {
  /** null: nothing listens. */
  readonly listen: ListenPlace | null;
  /** Absolute paths of PEM files; null: plain HTTP. */
  readonly tls: { readonly cert: string; readonly key: string } | null;
  /** Names beside addresses and localhost, in lower case. */
  readonly hosts: readonly string[];
  readonly behindProxy: boolean;
  /** Other machines may be answered in plain text. */
  readonly insecure: boolean;
  readonly session: { readonly idleMs: number; readonly maxMs: number };
}

export interface IntervalSettings {
  readonly resyncMs: number;
  readonly usageMs: number;
  readonly codeMs: number;
  readonly driftMs: number;
  /** Of repositories whose sources do not say it. */
  readonly pollMs: number;
}

export interface LimitSettings {
  /** Processes that are being started at once; null: as the processors of the host allow. */
  readonly starts: number | null;
  /** Versions of sources that are built at once. */
  readonly builds: number;
  /** That are kept of each project. */
  readonly revisions: number;
  /** Of events that are kept. */
  readonly eventBytes: number;
}

export interface McpSettings {
  /** Patterns of apps. */
  readonly protect: readonly string[];
  readonly maxProcesses: number;
}

/** What the values come to that a file says, which were checked (see setting-problems.ts). `home`: where its paths begin. */
export function settingsOf(declared: SettingValues, home: string): Settings {
  const values = { ...SETTING_DEFAULTS, ...declared };
  const { 'http.listen': listen, 'http.tls.cert': cert, 'http.tls.key': key } = values;
  return {
    http: {
      listen: listen === undefined ? null : listenPlace(listen, home),
      tls:
        cert === undefined || key === undefined
          ? null
          : { cert: resolve(home, cert), key: resolve(home, key) },
      hosts: values['http.hosts'].map((name) => name.toLowerCase()),
      behindProxy: values['http.behind_proxy'],
      insecure: values['http.insecure'],
      session: { idleMs: ms(values['http.session.idle']), maxMs: ms(values['http.session.max']) },
    },
    intervals: {
      resyncMs: ms(values['intervals.resync']),
      usageMs: ms(values['intervals.usage']),
      codeMs: ms(values['intervals.code']),
      driftMs: ms(values['intervals.drift']),
      pollMs: ms(values['intervals.poll']),
    },
    limits: {
      starts: values['limits.starts'] ?? null,
      builds: values['limits.builds'],
      revisions: values['limits.revisions'],
      eventBytes: values['limits.events_mb'] * MB,
    },
    mcp: { protect: values['mcp.protect'], maxProcesses: values['mcp.max_processes'] },
  };
}

/** Of a duration that the schema takes. */
function ms(duration: number | string): number {
  return parseDuration(duration) ?? 0;
}
