import type { FlushedFile, FlushResponse } from '../../api/contract/wire/log-files.ts';
import { count, formatMemory } from './text/quantities.ts';

/** One line a file, and one of what is left. */
export function renderFlushed({ files }: FlushResponse, removed: boolean): string {
  if (files.length === 0) return 'no log files\n';
  const left = files.filter(({ skipped }) => skipped === null);
  const rotatedFiles = left.reduce((sum, file) => sum + file.rotatedFiles, 0);
  const rotatedBytes = left.reduce((sum, file) => sum + file.rotatedBytes, 0);
  const rotated = `${count(rotatedFiles, 'rotated file')} (${formatMemory(rotatedBytes)})`;
  const last = removed ? `removed ${rotated}\n` : `${rotated} left: --rotated removes them too\n`;
  return files.map(renderFile).join('') + (rotatedFiles === 0 ? '' : last);
}

function renderFile({ path, apps, others, bytes, skipped }: FlushedFile): string {
  const names = apps.join(', ');
  if (skipped !== null) return `${names}  not emptied: ${path}: ${skipped}\n`;
  const shared = others.length === 0 ? '' : `, lines of ${others.join(', ')} too`;
  return `${names}  emptied ${path} (${formatMemory(bytes)}${shared})\n`;
}
