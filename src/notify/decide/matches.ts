import { splitAppKey, type AppKey } from '../../lib/app-key.ts';
import type { EventRecord } from '../../state/model/types.ts';
import { isAtLeast, openedBy } from '../model/alerts.ts';
import { fits, fitsOne } from '../model/pattern.ts';
import type { About } from '../model/record.ts';
import type { Rule } from '../model/receiver.ts';

/** What is known of an app, beside what its events say. */
export interface AppFacts {
  readonly labels: Readonly<Record<string, string>>;
  /** The source that declares it; null: none. */
  readonly source: string | null;
}

/** What is asked about the host. */
export interface HostFacts {
  /** undefined: there is no such app any more. */
  readonly app: (key: AppKey) => AppFacts | undefined;
  /** Whether a condition of the app has this reason now. */
  readonly shows: (key: AppKey, reason: string) => boolean;
  /** Where the commits of a git source are fetched from; null: it has none, or is no more. */
  readonly remoteOf: (source: string) => string | null;
  /** The names of git sources. */
  readonly gitSources: () => readonly string[];
}

export function aboutOf(event: EventRecord, facts: HostFacts): About {
  const { key } = event;
  const [source, receiver] = [event.source ?? null, event.receiver ?? null];
  if (key === null) return { project: null, app: null, source, receiver };
  const { project, name } = splitAppKey(key);
  return { project, app: name, source: source ?? facts.app(key)?.source ?? null, receiver };
}

/** Whether a receiver with these rules is told of an event. */
export function isTold(event: EventRecord, rules: readonly Rule[], facts: HostFacts): boolean {
  return rules.some((rule) => takes(rule, event, facts));
}

function takes(rule: Rule, event: EventRecord, facts: HostFacts): boolean {
  const { reasons, severity, projects, apps, labels, sources } = rule;
  const isMeant = reasons === null ? openedBy(event) !== undefined : fitsOne(event.reason, reasons);
  if (!isMeant || !isAtLeast(event.level, severity)) return false;
  const { project, app, source } = aboutOf(event, facts);
  if (projects !== null && (project === null || !fitsOne(project, projects))) return false;
  if (apps !== null && (app === null || !isOneOfApps(project ?? '', app, apps))) return false;
  if (sources !== null && (source === null || !fitsOne(source, sources))) return false;
  return labels === null || (event.key !== null && hasLabels(facts.app(event.key), labels));
}

function isOneOfApps(project: string, app: string, patterns: readonly string[]): boolean {
  return patterns.some((pattern) => fits(pattern.includes('/') ? `${project}/${app}` : app, pattern));
}

function hasLabels(app: AppFacts | undefined, labels: Readonly<Record<string, string>>): boolean {
  return Object.entries(labels).every(([name, pattern]) => {
    const value = app !== undefined && Object.hasOwn(app.labels, name) ? app.labels[name] : undefined;
    return value !== undefined && fits(value, pattern);
  });
}
