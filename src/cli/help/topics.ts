import { readdirSync, readFileSync } from 'node:fs';
import { basename, join } from 'node:path';

/** Sections that are asked for as often as whole pages. */
const SECTIONS = ['exit-codes', 'secrets', 'upgrade', 'starting-with-the-host'];

/** The topics of `stateward help`: the pages that are shipped, by name, and some sections of them. */
export function topicNames(folder: string): readonly string[] {
  return [...pagesIn(folder).map(nameOf), ...SECTIONS].sort();
}

/** The text of a page, or of a section of one, by the name that it has in a link; null: there is none of that name. */
export function topicText(folder: string, name: string): string | null {
  const files = pagesIn(folder);
  const wanted = slug(name);
  const page = files.find((file) => nameOf(file) === wanted);
  if (page !== undefined) return readFileSync(page, 'utf8');
  for (const file of files) {
    const section = sectionOf(readFileSync(file, 'utf8'), wanted);
    if (section !== null) return section;
  }
  return null;
}

function pagesIn(folder: string): readonly string[] {
  try {
    return readdirSync(folder, { recursive: true, encoding: 'utf8' })
      .filter((path) => path.endsWith('.md'))
      .map((path) => join(folder, path))
      .sort();
  } catch {
    return [];
  }
}

function nameOf(file: string): string {
  return basename(file, '.md');
}

/** From its heading up to the next one of the same level or above. */
function sectionOf(text: string, wanted: string): string | null {
  const lines = text.split('\n');
  let from = -1;
  let level = 0;
  let isCode = false;
  for (const [index, line] of lines.entries()) {
    if (line.startsWith('```')) isCode = !isCode;
    const heading = isCode ? null : /^(#{2,4}) (.+)$/.exec(line);
    if (heading === null) continue;
    const depth = heading[1]?.length ?? 0;
    if (from !== -1 && depth <= level) return `${lines.slice(from, index).join('\n').trimEnd()}\n`;
    if (from === -1 && slug(heading[2] ?? '') === wanted) [from, level] = [index, depth];
  }
  return from === -1 ? null : `${lines.slice(from).join('\n').trimEnd()}\n`;
}

/** As links name headings. */
function slug(text: string): string {
  return text
    .toLowerCase()
    .replaceAll(/[^\w\s-]/g, '')
    .trim()
    .replaceAll(/\s+/g, '-');
}
