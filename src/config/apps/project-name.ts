import { basename } from 'node:path';

/** The name of a project without `project:`: that of the file's folder. null when the folder gives none (`/`). */
export function projectNameOf(folder: string): string | null {
  const name = basename(folder)
    .normalize('NFC')
    .replace(/[^\p{L}\p{N}_.-]+/gu, '-')
    .replace(/^[^\p{L}\p{N}_]+/u, '')
    .replace(/-+$/, '');
  return name === '' ? null : Array.from(name).slice(0, 60).join('');
}
