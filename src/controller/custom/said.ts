import type { CustomAction, CustomMetric } from '../../api/contract/wire/custom/custom.ts';
import { isObject } from '../../lib/checks.ts';

/** How an action is asked for: by our own message, or by the two of `@pm2/io`. */
export type ActionKind = 'plain' | 'named' | 'scoped';

export interface OfferedAction extends CustomAction {
  readonly kind: ActionKind;
}

/** What an app says of itself by a message; the rest of its messages mean nothing to us. */
export type Said =
  /** `complete`: what is not among them is gone. `gone`: names that are. `bad`: what was no metric. */
  | {
      readonly kind: 'metrics';
      readonly metrics: readonly CustomMetric[];
      readonly gone: readonly string[];
      readonly bad: number;
      readonly complete: boolean;
    }
  | { readonly kind: 'action'; readonly action: OfferedAction }
  /** `by`: which call it answers, by its id or, where it says none, by its name. */
  | { readonly kind: 'reply'; readonly by: ReplyTo; readonly value: unknown; readonly error: string | null }
  /** A part of a reply that goes on. */
  | { readonly kind: 'part'; readonly by: ReplyTo; readonly value: unknown }
  | { readonly kind: 'error'; readonly error: ReportedError }
  /** It is said between a library and its own daemon. */
  | { readonly kind: 'nothing' };

export type ReplyTo = { readonly id: string } | { readonly action: string };

export interface ReportedError {
  readonly name: string;
  readonly message: string;
  readonly stack: string | null;
}

const LONGEST_NAME = 128;
const LONGEST_UNIT = 32;
const LONGEST_TEXT = 256;
const LONGEST_STACK = 4_096;

/**
 * Reads a message of an app: our own (docs/custom-metrics.md), and those of `@pm2/io` as its releases up to 6.1 send
 * them. null: it is a message like any other. What is too long to be kept is cut or passed over.
 */
export function readSaid(message: unknown): Said | null {
  if (!isSaid(message)) return null;
  const { type, data } = message as { readonly type: string; readonly data: unknown };
  switch (type) {
    case 'stateward:metrics':
      return isObject(data) ? { kind: 'metrics', complete: false, ...metricsIn(data) } : NOTHING;
    case 'axm:monitor':
      return isObject(data) ? { kind: 'metrics', complete: true, ...metricsIn(data) } : NOTHING;
    case 'stateward:action':
      return isObject(data) ? actionOf(data['name'], 'plain', data) : NOTHING;
    case 'axm:action':
      return isObject(data) ? ioAction(data) : NOTHING;
    case 'stateward:reply':
      return isObject(data) ? plainReply(data) : NOTHING;
    case 'axm:reply':
      return isObject(data) ? replyTo(nameOf(data['action_name']), data['return']) : NOTHING;
    case 'stateward:error':
    case 'process:exception':
      return isObject(data) ? errorOf(data) : NOTHING;
    default:
      return type.startsWith(SCOPED) && isObject(data)
        ? scopedReply(type.slice(SCOPED.length), data)
        : NOTHING;
  }
}

/** Whether a message is one of those, whatever it says. */
export function isSaid(message: unknown): boolean {
  if (!isObject(message)) return false;
  const { type } = message;
  if (typeof type !== 'string') return false;
  return PREFIXES.some((prefix) => type.startsWith(prefix)) || type === 'process:exception';
}

const SCOPED = 'axm:scoped_action:';
const PREFIXES = ['stateward:', 'axm:'];
const NOTHING: Said = { kind: 'nothing' };

function metricsIn(data: Readonly<Record<string, unknown>>): Pick<MetricsSaid, 'metrics' | 'gone' | 'bad'> {
  const metrics: CustomMetric[] = [];
  const gone: string[] = [];
  let bad = 0;
  for (const [given, said] of Object.entries(data)) {
    const name = nameOf(given);
    const metric = name === null ? null : metricOf(name, said);
    if (metric !== null) metrics.push(metric);
    else if (name !== null && said === null) gone.push(name);
    else bad += 1;
  }
  return { metrics, gone, bad };
}

type MetricsSaid = Extract<Said, { kind: 'metrics' }>;

function metricOf(name: string, said: unknown): CustomMetric | null {
  const { value, unit } = isObject(said) ? said : { value: said, unit: undefined };
  const kept = valueOf(value);
  if (kept === null) return null;
  const isUnit = typeof unit === 'string' && unit !== '' && unit.length <= LONGEST_UNIT;
  return { name, value: kept, ...(isUnit && { unit }) };
}

function valueOf(value: unknown): CustomMetric['value'] | null {
  if (typeof value === 'number') return Number.isFinite(value) ? value : null;
  if (typeof value === 'boolean') return value;
  return typeof value === 'string' ? cut(value, LONGEST_TEXT) : null;
}

function ioAction(data: Readonly<Record<string, unknown>>): Said {
  const { action_name: name, action_type: type, arity, opts } = data;
  // What the library does for its own daemon, as taking a profile, is not for people.
  if (type === 'internal') return NOTHING;
  const kind = type === 'scoped' ? 'scoped' : 'named';
  const comment = isObject(opts) ? opts['comment'] : undefined;
  return actionOf(name, kind, {
    description: comment,
    parameter: typeof arity === 'number' ? arity >= 2 : undefined,
  });
}

function actionOf(given: unknown, kind: ActionKind, said: Readonly<Record<string, unknown>>): Said {
  const name = nameOf(given);
  if (name === null) return NOTHING;
  const { description, parameter } = said;
  return {
    kind: 'action',
    action: {
      ...{ name, kind },
      ...(typeof parameter === 'boolean' && { parameter }),
      ...(typeof description === 'string' && { description: cut(description, LONGEST_TEXT) }),
    },
  };
}

function plainReply({ id, value, error }: Readonly<Record<string, unknown>>): Said {
  if (typeof id !== 'string') return NOTHING;
  return {
    kind: 'reply',
    by: { id },
    value: value ?? null,
    error: error === undefined || error === null ? null : textOf(error),
  };
}

function replyTo(action: string | null, value: unknown): Said {
  return action === null ? NOTHING : { kind: 'reply', by: { action }, value: value ?? null, error: null };
}

/** `stream` as often as it likes, then `end` or `error`. */
function scopedReply(step: string, { uuid, data: value = null }: Readonly<Record<string, unknown>>): Said {
  if (typeof uuid !== 'string') return NOTHING;
  const by = { id: uuid };
  if (step === 'stream') return { kind: 'part', by, value };
  if (step === 'end') return { kind: 'reply', by, value, error: null };
  return step === 'error' ? { kind: 'reply', by, value: null, error: textOf(value) } : NOTHING;
}

function errorOf({ name, message, stack }: Readonly<Record<string, unknown>>): Said {
  const error: ReportedError = {
    name: nameOf(name) ?? 'Error',
    message: textOf(message),
    stack: typeof stack === 'string' ? cut(stack, LONGEST_STACK) : null,
  };
  return { kind: 'error', error };
}

function nameOf(value: unknown): string | null {
  return typeof value === 'string' && value !== '' && value.length <= LONGEST_NAME ? value : null;
}

/** In one line. */
function textOf(value: unknown): string {
  const text = typeof value === 'string' ? value : JSON.stringify(value ?? null);
  return cut(text.replaceAll(/\s*\n\s*/g, ' ').trim(), LONGEST_TEXT * 4);
}

function cut(text: string, length: number): string {
  return text.length <= length ? text : `${text.slice(0, length - 1)}…`;
}
