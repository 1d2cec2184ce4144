import { shortCommit } from '../../lib/commit-hash.ts';
import { formatSpan } from '../../lib/units.ts';
import { healsAt } from '../model/healing.ts';
import type { HostWord } from '../model/host-word.ts';
import { isQuarantined, type SourceRecord, type Version } from '../model/record.ts';
import { earliest } from './healing.ts';
import type { Looks, Step, Wait } from './step.ts';

/** What a version waits for while another host goes first; null: nothing. */
export function hostWait(record: SourceRecord, head: Version, looks: Looks, now: number): Wait | null {
  const { waitsFor, nextAt } = looks;
  if (waitsFor === undefined) return null;
  const { host, timeoutMs } = waitsFor;
  const { spec, heard } = record;
  const word = heard?.version === head.id ? heard.word : null;
  const here = `stateward source sync ${spec.name} applies it here`;
  const version = shortCommit(head.id);
  if (word?.result === 'good') return null;
  if (word !== null) {
    const why = word.message === undefined ? '' : ` (${word.message})`;
    const message = `${version} is not applied: it has failed on ${host}${why}; something newer is waited for, or ${here}`;
    return { kind: 'wait', until: nextAt, reason: 'HostFailed', message };
  }
  const lateAt = head.at + timeoutMs;
  if (now >= lateAt) {
    const message = `${version} waits for ${host}, which has said nothing for ${formatSpan(timeoutMs)}: look there, or ${here}`;
    return { kind: 'wait', until: nextAt, reason: 'HostSilent', message };
  }
  const message = `${version} waits for ${host} to succeed with it`;
  return { kind: 'wait', until: earliest(nextAt, lateAt), reason: 'WaitsForHost', message };
}

/** While a source waits like this, what has become of its versions is known. */
const AT_REST: readonly Wait['reason'][] = [
  'UpToDate',
  'Quarantined',
  'WaitsForSync',
  'Closed',
  'HealsLater',
];
const MAX_TEXT = 200;

/** What the others are to be told, in place of what the source would wait for. null: they know. */
export function announcing(record: SourceRecord, looks: Looks, rest: Wait, now: number): Step | null {
  if (looks.isFirst !== true || !AT_REST.includes(rest.reason)) return null;
  const due = untold(record);
  if (due === null) return null;
  const at = record.told?.trouble === undefined ? now : healsAt(record.told.trouble);
  if (at > now && (record.told?.trouble?.at ?? 0) <= now) return { ...rest, until: earliest(rest.until, at) };
  return { kind: 'announce', ...due };
}

/** What became of the newest version, and of the one that is applied, as far as it was not told. */
function untold(record: SourceRecord): Pick<Extract<Step, { kind: 'announce' }>, 'version' | 'word'> | null {
  const { head, applied, lastGood, quarantined, told } = record;
  const isTold = (version: string, result: HostWord['result']): boolean =>
    told?.words.some((one) => one.version === version && one.result === result) ?? false;
  if (applied?.outcome === 'good' && !isTold(applied.id, 'good')) {
    return { version: applied.id, word: { result: 'good', at: lastGood?.at ?? applied.at } };
  }
  if (head === null || !isQuarantined(record, head.id) || isTold(head.id, 'failed')) return null;
  const bad = quarantined.find(({ id }) => id === head.id);
  if (bad === undefined || bad.reason === 'PassedOver') return null;
  const message = `${bad.stage}: ${bad.message}`.slice(0, MAX_TEXT);
  return { version: head.id, word: { result: 'failed', at: bad.at, message } };
}
