import { basename, dirname, join, relative, resolve } from 'node:path';
import type { CodeIdentity } from '../plan/model/code.ts';
import { isWithin, manifestsOf } from './app-folder.ts';
import { isServeApp } from '../spec/serve/serve-app.ts';
import type { Contents } from './content.ts';
import { digest } from './digest.ts';
import { DiskView } from './disk-view.ts';
import type { Imports } from './imports.ts';
import { listedCode } from './listed-code.ts';
import type { CodeReading, CodeRequest } from './reading.ts';
import { Places, type Located } from './places.ts';
import { sourceExtensions, type CodeRules } from './rules.ts';
import { statOf } from './read-file.ts';
import { walkSources } from './source-walk.ts';
import { trackedContent, type Tracked, type TrackedFiles } from './git/tracked-files.ts';
import { readHead, type WorkTree } from './git/work-tree.ts';

interface Scan {
  readonly files: ReadonlyMap<string, string>;
  readonly dirty: boolean;
  readonly leftOut: string | null;
  readonly digest: string;
}

const NO_HEAD = { commit: null, branch: null };

/** One reading: what it has found out holds for all apps of it. */
export class Batch {
  readonly #disk = new DiskView();
  readonly #places = new Places(this.#disk);
  readonly #contents: Contents;
  readonly #trackedFiles: TrackedFiles;
  readonly #imports: Imports;
  readonly #heads = new Map<string, ReturnType<typeof readHead>>();
  readonly #tracked = new Map<string, Tracked | null>();
  readonly #scans = new Map<string, Scan>();
  readonly #read = new Map<string, string>();

  constructor(contents: Contents, tracked: TrackedFiles, imports: Imports) {
    this.#contents = contents;
    this.#trackedFiles = tracked;
    this.#imports = imports;
  }

  locate(request: CodeRequest): Located {
    return this.#places.locate(request);
  }

  read(located: Located): CodeReading {
    const { spec } = located.request;
    if (spec.code === 'off') return this.#readOff(located);
    if (spec.code !== 'auto') return this.#readListed(located, spec.code);
    return this.#readAuto(located);
  }

  /** Nothing is compared, so what cannot be read of it is not missed. */
  #readOff(located: Located): CodeReading {
    const none = { files: new Map<string, string>(), dirty: false, leftOut: null };
    const reading = this.#reading(located, none, ['off']);
    // It runs no code of its folder: files that are served are read with every request.
    if (isServeApp(located.request.spec)) return reading;
    try {
      const aside = this.#readAuto(located);
      return { ...reading, identity: { ...reading.identity, aside: aside.identity.id }, aside };
    } catch {
      return reading;
    }
  }

  #readListed(located: Located, paths: readonly string[]): CodeReading {
    const { cwd, rules } = located;
    const listed = listedCode(paths, cwd, { rules, disk: this.#disk });
    const files = new Map(listed.files.map((file) => [relative(cwd, file), this.#content(file)]));
    const scan = this.#scanOf(located);
    const parts = ['listed', ...[...files].flat()];
    return this.#reading(located, { files, dirty: scan?.dirty ?? false, leftOut: listed.leftOut }, parts);
  }

  #readAuto(located: Located): CodeReading {
    const { entries, main, cwd, code, folder, workTree } = located;
    const base = workTree?.root ?? folder ?? (main === null ? cwd : dirname(main));
    const top = workTree?.root ?? (folder !== null && isWithin(folder, cwd) ? cwd : base);
    const scan = this.#scanOf(located);
    const isScanned = (file: string): boolean =>
      scan !== null && folder !== null && isWithin(file, folder) && scan.files.has(relative(folder, file));
    const files = new Map<string, string>();
    const outside: string[] = [];
    const add = (file: string): void => {
      if (isScanned(file)) return;
      outside.push(file);
      files.set(relative(base, file), this.#content(file));
    };
    for (const file of entries) add(file);
    if (folder !== null)
      for (const file of manifestsOf(main === null ? folder : dirname(main), top, this.#disk)) add(file);
    const beside = scan === null ? null : this.#beside(located, isScanned);
    for (const [file, content] of beside?.files ?? [])
      if (!isScanned(file)) files.set(relative(base, file), content);
    if (code.language === 'node' || code.language === 'shell') {
      const reached = this.#imports.reachedFrom(entries, {
        contentOf: (file) => this.#content(file),
        disk: this.#disk,
      });
      for (const file of reached) if (!file.includes('/node_modules/')) add(file);
    }
    const parts = [
      main ?? entries[0] ?? cwd,
      ...[...files].sort(([a], [b]) => (a < b ? -1 : 1)).flat(),
      scan?.digest ?? '',
    ];
    if (scan !== null && folder !== null) {
      const prefix = relative(base, folder);
      for (const [path, content] of scan.files) files.set(join(prefix, path), content);
    }
    const leftOut = scan?.leftOut ?? beside?.leftOut ?? null;
    const dirty = scan?.dirty === true || outside.some((file) => this.#isChanged(located, file));
    return this.#reading(located, { files, dirty, leftOut }, parts);
  }

  /** Whether a tracked file that lies elsewhere in the work tree is not as it was committed or staged. */
  #isChanged({ workTree }: Located, file: string): boolean {
    if (workTree === null || !isWithin(file, workTree.root)) return false;
    const folder = dirname(file);
    const tracked = this.#trackedIn(workTree, folder);
    const entry = tracked?.entries.find(({ path }) => path === basename(file));
    return entry !== undefined && tracked?.hash === 'sha1' && entry.id !== this.#content(file);
  }

  /** What is run is not tracked (a build): its folder is looked through as if there were no git. */
  #beside(
    { main, folder, code, rules }: Located,
    isScanned: (file: string) => boolean,
  ): { readonly files: ReadonlyMap<string, string>; readonly leftOut: string | null } | null {
    if (main === null || folder === null || code.language === null || isScanned(main)) return null;
    const at = dirname(main);
    if (!isWithin(at, folder) || at === folder) return null;
    const { files, leftOut } = walkSources(at, {
      rules,
      extensions: sourceExtensions(code.language),
      disk: this.#disk,
    });
    return {
      files: new Map(files.map((path) => [resolve(at, path), this.#content(resolve(at, path))])),
      leftOut,
    };
  }

  #scanOf(located: Located): Scan | null {
    const { folder, code, main, rules, rulesKey } = located;
    if (folder === null || code.language === null) return null;
    const key = [folder, code.language, rulesKey, main === null ? '' : dirname(main)].join('\0');
    const known = this.#scans.get(key);
    if (known !== undefined) return known;
    const scan = this.#scan(folder, located, rules);
    this.#scans.set(key, scan);
    return scan;
  }

  #scan(folder: string, { workTree, code, main }: Located, rules: CodeRules): Scan {
    const tracked = workTree === null ? null : this.#trackedIn(workTree, folder);
    if (tracked !== null && tracked.entries.length > 0) {
      const content = trackedContent(folder, tracked, { rules, contents: this.#contents });
      return { ...content, digest: digest([...content.files].flat()) };
    }
    const extensions = code.language === null ? null : sourceExtensions(code.language);
    const walked = walkSources(folder, { rules, extensions, main, disk: this.#disk });
    const files = new Map(walked.files.map((path) => [path, this.#content(resolve(folder, path))]));
    return {
      files,
      dirty: false,
      leftOut: walked.leftOut,
      digest: digest([...files].flat()),
    };
  }

  #trackedIn(workTree: WorkTree, folder: string): Tracked | null {
    const known = this.#tracked.get(folder);
    if (known !== undefined) return known;
    const folders = new Set([...this.#places.foldersIn(workTree), folder]);
    for (const [at, tracked] of this.#trackedFiles.read(workTree, folders)) this.#tracked.set(at, tracked);
    return this.#tracked.get(folder) ?? null;
  }

  /** An untracked file of a work tree belongs to no commit. */
  #headFor({ workTree, folder, code }: Located): ReturnType<typeof readHead> {
    if (workTree === null || folder === null || code.language === null) return NO_HEAD;
    if (this.#trackedIn(workTree, folder)?.entries[0] === undefined) return NO_HEAD;
    const known = this.#heads.get(workTree.gitDir) ?? readHead(workTree);
    this.#heads.set(workTree.gitDir, known);
    return known;
  }

  #content(file: string): string {
    const known = this.#read.get(file);
    if (known !== undefined) return known;
    const stats = statOf(file);
    const content = (stats?.isFile() === true ? this.#contents.of(file, stats) : null) ?? 'unreadable';
    this.#read.set(file, content);
    return content;
  }

  #reading(
    located: Located,
    { files, dirty, leftOut }: Pick<CodeReading, 'files' | 'leftOut'> & { readonly dirty: boolean },
    parts: readonly string[],
  ): CodeReading {
    const { main, entries, cwd } = located;
    const head = this.#headFor(located);
    const identity: CodeIdentity = {
      id: digest(parts).slice(0, 32),
      ...(head.commit !== null && { commit: head.commit }),
      ...(head.commit !== null && head.branch !== null && { branch: head.branch }),
      ...(head.commit !== null && dirty && { dirty: true }),
    };
    return { identity, files, place: main ?? entries[0] ?? cwd, leftOut };
  }
}
