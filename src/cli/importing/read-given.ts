import { existsSync, readFileSync, statSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { text as readAll } from 'node:stream/consumers';
import { noSuchFile } from '../../config/read/find/find-files.ts';
import { LIMITS } from '../../config/read/limits.ts';
import { FailureError, type Failure } from '../../lib/failure.ts';
import { err, ok, type Result } from '../../lib/result.ts';
import { errorCode } from '../../lib/system-error.ts';

/** A file that is named on the command line, with its text. */
export interface GivenFile {
  readonly shown: string;
  readonly text: string;
  /** Where its relative paths begin. */
  readonly folder: string;
  /** Whether there is a file of this name in its folder. */
  readonly isBeside: (name: string) => boolean;
}

/** Reads one; `-`: standard input. Throws what a person can mend. */
export async function readGiven(name: string, cwd: string): Promise<GivenFile> {
  const path = name === '-' ? null : resolve(cwd, name);
  const folder = path === null ? cwd : dirname(path);
  const isBeside = (other: string): boolean => existsSync(join(folder, other));
  const text = path === null ? await readAll(process.stdin) : textOf(name, path);
  return { shown: path === null ? '<stdin>' : name, text, folder, isBeside };
}

/** A file that another one names, by its path from a folder. It is shown as it is written there. */
export function openBeside(name: string, folder: string): Result<GivenFile, Failure> {
  try {
    const path = resolve(folder, name);
    const isBeside = (other: string): boolean => existsSync(join(dirname(path), other));
    return ok({ shown: name, text: textOf(name, path), folder: dirname(path), isBeside });
  } catch (error) {
    if (error instanceof FailureError) return err(error.failures[0]);
    throw error;
  }
}

function textOf(name: string, path: string): string {
  try {
    const stats = statSync(path, { throwIfNoEntry: false });
    if (stats === undefined)
      throw new FailureError(
        noSuchFile(name, path, 'name a file that is there, from the folder of the command'),
      );
    if (stats.isDirectory())
      throw new FailureError(unreadable(name, 'it is a folder', 'name the files in it'));
    if (stats.size > LIMITS.fileBytes)
      throw new FailureError(unreadable(name, `it is larger than ${LIMITS.fileBytes} bytes`));
    const text = readFileSync(path, 'utf8');
    if (text.includes('\0'))
      throw new FailureError(unreadable(name, 'it is no text', 'name a file of text in UTF-8'));
    return text;
  } catch (error) {
    if (error instanceof FailureError) throw error;
    throw new FailureError(unreadable(name, errorCode(error) ?? String(error)));
  }
}

function unreadable(name: string, why: string, hint?: string): Failure {
  const message = `cannot read ${name}: ${why}`;
  return {
    code: 'CONFIG_UNREADABLE',
    message,
    position: { file: name },
    ...(hint !== undefined && { hint }),
  };
}
