import type { AppKey } from '../lib/app-key.ts';
import { filesRead } from '../plan/decide/reload-code.ts';
import type { CodeReader } from './code-reader.ts';
import type { CodeRequest, CodeResult } from './reading.ts';

/**
 * Reads the code of apps, and apart from it the files that they read again on a reload: a change of these is none of the
 * code. Never fails, as the reader does not.
 */
export async function readCodeAndFiles(
  reader: CodeReader,
  requests: readonly CodeRequest[],
  options: Parameters<CodeReader['read']>[1] = {},
): Promise<ReadonlyMap<AppKey, CodeResult>> {
  const reading = requests.filter(({ spec }) => filesRead(spec).length > 0);
  if (reading.length === 0) return reader.read(requests, options);
  const [code, files] = await Promise.all([
    reader.read(requests.map(withoutFiles), options),
    reader.read(reading.map(ofFiles), options),
  ]);
  return new Map(
    [...code].map(([key, result]) => {
      const read = files.get(key);
      if (read === undefined || 'unknown' in read || 'unknown' in result) return [key, result] as const;
      return [key, { ...result, read, identity: { ...result.identity, read: read.identity.id } }] as const;
    }),
  );
}

function withoutFiles(request: CodeRequest): CodeRequest {
  const { spec } = request;
  const files = filesRead(spec);
  if (files.length === 0) return request;
  return { ...request, spec: { ...spec, code_ignore: [...spec.code_ignore, ...files] } };
}

function ofFiles(request: CodeRequest): CodeRequest {
  return {
    ...request,
    spec: { ...request.spec, code: filesRead(request.spec), code_ignore: [], version: null },
  };
}
