import { extname, join } from 'node:path';
import type { DiskView } from './disk-view.ts';
import type { CodeRules } from './rules.ts';

export interface WalkOptions {
  readonly rules: CodeRules;
  /** Extensions that count; null: every file does. */
  readonly extensions: ReadonlySet<string> | null;
  /** Folders that programs are built into count only when this lies in them; absent: they all do. */
  readonly main?: string | null;
  readonly disk: Pick<DiskView, 'entriesIn'>;
}

export interface Walked {
  /** Relative to the folder, sorted. */
  readonly files: readonly string[];
  /** Why not all were found; null: they were. */
  readonly leftOut: string | null;
}

const MAX_FILES = 5_000;
/** Folders and files together, so that a folder of a million uploads ends it. */
const MAX_LOOKED_AT = 50_000;
const MAX_DEPTH = 12;
const BUILT = /^(?:dist|build|out|output|target|compiled)$/;

/** The source files below a folder, as far as there are not too many. Links are not followed. */
export function walkSources(top: string, { rules, extensions, main, disk }: WalkOptions): Walked {
  const files: string[] = [];
  let looked = 0;
  let leftOut: string | null = null;
  let tooDeep: string | null = null;
  const waiting: { readonly folder: string; readonly path: string; readonly depth: number }[] = [
    { folder: top, path: '', depth: 0 },
  ];
  for (let next = waiting.pop(); next !== undefined && leftOut === null; next = waiting.pop()) {
    const { folder, path, depth } = next;
    for (const entry of disk.entriesIn(folder)) {
      looked += 1;
      if (looked > MAX_LOOKED_AT || files.length >= MAX_FILES) {
        leftOut = `only the first ${files.length} source files of ${top} are compared`;
        break;
      }
      const [absolute, inner] = [join(folder, entry.name), path + entry.name];
      if (entry.isDirectory()) {
        const isBuilt = main !== undefined && BUILT.test(entry.name);
        if (rules.skipsFolder(absolute, entry.name) || (isBuilt && main?.startsWith(`${absolute}/`) !== true))
          continue;
        if (depth >= MAX_DEPTH)
          tooDeep ??= `what is more than ${MAX_DEPTH} folders deep is not compared: ${absolute}`;
        else waiting.push({ folder: absolute, path: `${inner}/`, depth: depth + 1 });
      } else if (entry.isFile() && isSource(entry.name, extensions) && rules.counts(absolute, inner)) {
        files.push(inner);
      }
    }
  }
  return { files: files.sort(), leftOut: leftOut ?? tooDeep };
}

function isSource(name: string, extensions: WalkOptions['extensions']): boolean {
  return extensions === null || extensions.has(extname(name).toLowerCase());
}
