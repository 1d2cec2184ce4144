import { mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, dirname, join } from 'node:path';
import { hostCgroupFiles, type CgroupFiles } from '../../../src/runner/cgroup/cgroup-files.ts';
import type { CgroupHost } from '../../../src/runner/cgroup/cgroup-tree.ts';

const LIMIT_FILES: Readonly<Record<string, readonly string[]>> = {
  memory: ['memory.max', 'memory.oom.group'],
  cpu: ['cpu.max'],
  pids: ['pids.max'],
};

export interface FakeCgroupsOptions {
  /** Where the runner is, below the mount. */
  readonly own?: string;
  readonly controllers?: readonly string[];
}

/**
 * A cgroup v2 tree and a /proc in a temporary folder, which keeps those rules of the kernel that matter here: a folder
 * comes with its files; a process is in one cgroup; controllers are only handed on by a cgroup without processes; a
 * cgroup that holds a process cannot be removed.
 */
export class FakeCgroups implements CgroupFiles, Disposable {
  readonly folder = mkdtempSync(join(tmpdir(), 'stw-cg-'));
  readonly mount = join(this.folder, 'fs');
  readonly own: string;
  readonly runner = 100;
  /** Every write, in order: `stateward/n1/cgroup.procs 100`. */
  readonly writes: string[] = [];
  /** Writes to files of these names fail with this code. */
  readonly failing = new Map<string, string>();
  readonly #ownPath: string;
  readonly #members = new Map<number, string>();

  constructor({
    own = '/system.slice/stw.service',
    controllers = ['memory', 'cpu', 'pids', 'io'],
  }: FakeCgroupsOptions = {}) {
    this.own = join(this.mount, own);
    mkdirSync(this.own, { recursive: true });
    this.#populate(this.own, controllers);
    mkdirSync(join(this.folder, 'proc/self'), { recursive: true });
    // As in the kernel, the root of the host is told apart by what it lacks.
    if (own === '/') rmSync(join(this.own, 'cgroup.events'));
    this.#ownPath = own;
    this.runnerIsIn('');
    const other = '31 23 0:28 / /sys/fs/cgroup rw,relatime - tmpfs tmpfs rw,mode=755\n';
    writeFileSync(
      join(this.folder, 'proc/self/mountinfo'),
      `${other}41 31 0:38 / ${this.mount} rw,relatime shared:4 - cgroup2 cgroup2 rw\n`,
    );
    this.addProcess({ pid: this.runner, parent: 90, program: '/usr/bin/node' });
  }

  /** What /proc says of the runner: its cgroup, below `own`. */
  runnerIsIn(below: string): void {
    writeFileSync(join(this.folder, 'proc/self/cgroup'), `4:memory:/x\n0::${join(this.#ownPath, below)}\n`);
  }

  get host(): CgroupHost {
    return {
      files: this,
      proc: join(this.folder, 'proc'),
      pid: this.runner,
      isInstance: (pid) => pid >= 1000,
    };
  }

  addProcess(
    { pid, parent, program }: { readonly pid: number; readonly parent: number; readonly program: string },
    folder = this.own,
  ): void {
    const proc = join(this.folder, 'proc', String(pid));
    mkdirSync(proc);
    writeFileSync(join(proc, 'status'), `Name:\tx\nPPid:\t${parent}\n`);
    symlinkSync(program, join(proc, 'exe'));
    this.#members.set(pid, folder);
  }

  /** The process starts where the runner is now. */
  fork(pid: number): void {
    this.#members.set(pid, this.cgroupOf(this.runner));
  }

  end(pid: number): void {
    this.#members.delete(pid);
  }

  cgroupOf(pid: number): string {
    return this.#members.get(pid) ?? '';
  }

  read(path: string): string {
    if (basename(path) !== 'cgroup.procs') return hostCgroupFiles.read(path);
    return this.#pidsIn(dirname(path)).join('\n');
  }

  write(path: string, text: string): void {
    const name = basename(path);
    const folder = dirname(path);
    const code = this.failing.get(name);
    if (code !== undefined) throw failure(code);
    if (name === 'cgroup.subtree_control') this.#handOn(folder, text);
    else {
      hostCgroupFiles.write(path, '');
      writeFileSync(path, text);
    }
    if (name === 'cgroup.procs') this.#members.set(Number(text), folder);
    this.writes.push(`${path.slice(this.own.length + 1)} ${text}`);
  }

  link(path: string): string {
    return hostCgroupFiles.link(path);
  }

  makeFolder(path: string): void {
    hostCgroupFiles.makeFolder(path);
    const handedOn = readFileSync(join(dirname(path), 'cgroup.subtree_control'), 'utf8');
    this.#populate(
      path,
      handedOn.split(' ').filter((word) => word !== ''),
    );
  }

  removeFolder(path: string): void {
    if (this.#pidsIn(path).length > 0) throw failure('EBUSY');
    // The files of a cgroup go with it.
    rmSync(path, { recursive: true });
  }

  folders(path: string): readonly string[] {
    return hostCgroupFiles.folders(path);
  }

  [Symbol.dispose](): void {
    rmSync(this.folder, { recursive: true, force: true });
  }

  #pidsIn(folder: string): number[] {
    return [...this.#members].filter(([, where]) => where === folder).map(([pid]) => pid);
  }

  #handOn(folder: string, text: string): void {
    if (this.#pidsIn(folder).length > 0) throw failure('EBUSY');
    const names = text.split(' ').map((word) => word.slice(1));
    for (const child of hostCgroupFiles.folders(folder)) this.#populate(join(folder, child), names);
    writeFileSync(join(folder, 'cgroup.subtree_control'), names.join(' '));
  }

  #populate(folder: string, controllers: readonly string[]): void {
    const files = ['cgroup.procs', 'cgroup.events', 'cgroup.kill', 'cgroup.subtree_control'];
    for (const name of [...files, ...controllers.flatMap((controller) => LIMIT_FILES[controller] ?? [])])
      writeFileSync(join(folder, name), '');
    writeFileSync(join(folder, 'cgroup.controllers'), controllers.join(' '));
  }
}

function failure(code: string): Error {
  return Object.assign(new Error(`${code}: as the test has it`), { code });
}
