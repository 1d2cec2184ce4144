import type { Failure } from '../../lib/failure.ts';
import type { Result } from '../../lib/result.ts';
import type { SourceSpec } from '../../sources/model/source.ts';
import { readList, type ReadListOptions } from '../declared/read-list.ts';
import { SOURCE_FIELDS } from '../generated/source-fields.ts';
import { validate } from '../generated/validate-sources.js';
import { normalised } from './normalise-source.ts';

/** Reads files (or `-`) that declare sources. Every error in them is reported, each with its place. */
export function readSources(
  files: readonly string[],
  options: ReadListOptions,
): Promise<Result<readonly SourceSpec[], readonly Failure[]>> {
  const list = { key: 'sources', fields: SOURCE_FIELDS, validate, normalise: normalised };
  return readList(files, list, options);
}
