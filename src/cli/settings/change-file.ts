import { randomBytes } from 'node:crypto';
import { open, realpath, rename, rm } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { decode } from '../../config/read/read-document.ts';
import { sourceFile } from '../../config/read/source.ts';
import { readSettings } from '../../config/settings/read-settings.ts';
import { checkHome, makeHome } from '../../home/check.ts';
import { homeLayout } from '../../home/layout.ts';
import type { SettingValues } from '../../home/settings/generated/setting-fields.ts';
import type { SettingsAnswer } from '../../home/settings/settings-answer.ts';
import { settingsBytes } from '../../home/settings/settings-file.ts';
import { FailureError, type Failure } from '../../lib/failure.ts';
import { errorMessage } from '../../lib/system-error.ts';
import { unwrap } from '../session/failures.ts';
import { editedText, type SettingEdit } from './edited-text.ts';
import { whileLocked } from './one-at-a-time.ts';

export interface ChangedFile {
  readonly file: string;
  /** As the file was; null: it could not be used. */
  readonly before: SettingValues | null;
  readonly after: SettingValues;
  /** Whether anything was written: the file may say it already. */
  readonly isWritten: boolean;
}

/** An editor may write the file at the same time. */
const TRIES = 8;

/** What no value can be put into without losing something. */
const UNEDITABLE: readonly Failure['code'][] = ['CONFIG_SYNTAX', 'CONFIG_TOO_LARGE', 'CONFIG_DUPLICATE_KEY'];

/**
 * Changes keys of the config.yaml of a home, which is made when there is none. The whole file is checked before it is
 * replaced: what throws has changed nothing.
 */
export async function changeSettings(home: string, edits: readonly SettingEdit[]): Promise<ChangedFile> {
  const unusable = checkHome(home) ?? makeHome(home);
  if (unusable !== null) throw new FailureError(unusable);
  return whileLocked(home, () => change(home, edits));
}

async function change(home: string, edits: readonly SettingEdit[]): Promise<ChangedFile> {
  const { settings: file } = homeLayout(home);
  const read = (bytes: Buffer): SettingsAnswer => readSettings(bytes, { shown: file, home });
  for (let tries = 0; tries < TRIES; tries++) {
    const bytes = unwrap(await settingsBytes(file));
    const original = read(bytes ?? Buffer.alloc(0));
    if (!original.ok && original.failures.some(({ code }) => UNEDITABLE.includes(code)))
      throw broken(original.failures);
    const text = unwrap(decode(sourceFile(file, null), bytes ?? Buffer.alloc(0)));
    const edited = editedText(text, edits);
    const after = read(Buffer.from(edited));
    if (!after.ok) throw refusal(after.failures, original);
    const before = original.ok ? original.values : null;
    const result = { file, before, after: after.values };
    if (edited === text && bytes !== null) return { ...result, isWritten: false };
    if (bytes === null && edited === '') return { ...result, isWritten: false };
    if (await replace(file, edited, bytes)) return { ...result, isWritten: true };
  }
  const message = `${file} is being changed by somebody else all the time`;
  throw new FailureError({ code: 'CONFLICT', message, hint: 'try again when that is over' });
}

/** What is wrong with the value that was given, without the place in a file that is not written; else what was wrong before. */
function refusal(failures: readonly Failure[], original: SettingsAnswer): FailureError {
  const known = new Set(original.ok ? [] : original.failures.map(({ message }) => message));
  const [first, ...rest] = failures.filter(({ message }) => !known.has(message)).map(withoutPlace);
  if (first !== undefined) return new FailureError(first, ...rest);
  return broken(original.ok ? failures : original.failures);
}

function withoutPlace({ code, message, hint }: Failure): Failure {
  return { code, message, ...(hint !== undefined && { hint }) };
}

function broken(failures: readonly Failure[]): FailureError {
  const [first, ...rest] = failures;
  if (first === undefined) throw new Error('a file that is broken without a reason');
  const hint = `${first.hint === undefined ? '' : `${first.hint}; `}mend the file first: nothing was changed`;
  return new FailureError({ ...first, hint }, ...rest);
}

/** Replaces a file at once, for its owner alone; false: it is not any more as it was read, and was left alone. */
async function replace(file: string, text: string, was: Buffer | null): Promise<boolean> {
  // A link leads to where somebody keeps the file.
  const target = await realpath(file).catch(() => file);
  const temporary = join(dirname(target), `.config.yaml.${randomBytes(6).toString('hex')}.tmp`);
  try {
    const handle = await open(temporary, 'wx', 0o600);
    try {
      await handle.writeFile(text);
      await handle.sync();
    } finally {
      await handle.close();
    }
    const now = unwrap(await settingsBytes(file));
    const isSame = was === null ? now === null : now?.equals(was) === true;
    if (isSame) await rename(temporary, target);
    return isSame;
  } catch (error) {
    if (error instanceof FailureError) throw error;
    const message = `cannot write ${target}: ${errorMessage(error)}`;
    throw new FailureError({
      code: 'PERMISSION',
      message,
      hint: 'nothing was changed; make the folder writable',
    });
  } finally {
    await rm(temporary, { force: true });
  }
}
