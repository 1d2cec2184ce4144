import { dirname, resolve } from 'node:path';
import { appCode, kindOf, type AppCode } from './app-code.ts';
import { folderOf } from './app-folder.ts';
import type { DiskView } from './disk-view.ts';
import { findWorkTree, type WorkTree } from './git/work-tree.ts';
import type { CodeRequest } from './reading.ts';
import { codeRules, writtenFiles, type CodeRules } from './rules.ts';

/** What a reading is made of, before any file of it is read. */
export interface Located {
  readonly request: CodeRequest;
  readonly cwd: string;
  readonly code: AppCode;
  /** Real paths of the entries. */
  readonly entries: readonly string[];
  readonly main: string | null;
  readonly workTree: WorkTree | null;
  readonly folder: string | null;
  readonly rules: CodeRules;
  readonly rulesKey: string;
}

/** Finds where the code of apps is, before a file of it is read. */
export class Places {
  readonly #disk: DiskView;
  readonly #workTrees = new Map<string, WorkTree | null>();
  /** Folders of apps, by the git folder of the work tree that they lie in. */
  readonly #folders = new Map<string, Set<string>>();

  constructor(disk: DiskView) {
    this.#disk = disk;
  }

  /** The folders of all apps found so far in this work tree. */
  foldersIn({ gitDir }: WorkTree): Iterable<string> {
    return this.#folders.get(gitDir) ?? [];
  }

  locate(request: CodeRequest): Located {
    const { spec, files } = request;
    const cwd = this.#disk.realPath(spec.cwd);
    const code = appCode(spec);
    const entries = code.entries.map((entry) => this.#disk.realPath(entry));
    const main = code.main === null ? null : this.#disk.realPath(code.main);
    const start = main === null ? cwd : dirname(main);
    const workTree = this.#workTreeOf(start);
    const ownCwd = files.length > 0 && !files.some((file) => this.#disk.realPath(dirname(file)) === cwd);
    const folder =
      code.language === null
        ? null
        : folderOf(main ?? resolve(cwd, 'package.json'), {
            cwd,
            ownCwd: main === null || ownCwd,
            root: workTree?.root ?? null,
            disk: this.#disk,
          });
    if (folder !== null && workTree !== null) {
      const known = this.#folders.get(workTree.gitDir) ?? new Set<string>();
      this.#folders.set(workTree.gitDir, known.add(folder));
    }
    const excluded = new Set(
      [...files, ...writtenFiles(spec)].flatMap((file) => [file, this.#disk.realPath(file)]),
    );
    const ignore = spec.code_ignore;
    const rules = codeRules({ ignore, cwd, excluded });
    const rulesKey = [cwd, ...ignore, '', ...excluded].join('\0');
    return { request, cwd, code, entries, main, workTree, folder, rules, rulesKey };
  }

  #workTreeOf(folder: string): WorkTree | null {
    const isFolder = this.#workTrees.has(folder) || kindOf(folder) === 'folder';
    return isFolder ? findWorkTree(folder, this.#workTrees) : null;
  }
}
