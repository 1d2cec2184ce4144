import { execFileSync } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));
const KEPT = join(ROOT, 'test/support/fixtures/previous-build/build.tar.gz');

/** An installation in a folder of its own: `dist/bin.cjs` and what belongs to it. `using` it. */
export class Installation implements Disposable {
  readonly folder = mkdtempSync(join(tmpdir(), 'stw-inst-'));

  /** The build that was kept as the one of a version before (scripts/keep-build.mjs). */
  static previous(): Installation {
    const installation = new Installation();
    execFileSync('tar', ['-xzf', KEPT, '-C', installation.folder]);
    return installation;
  }

  /** A copy of what is built now. */
  static current(): Installation {
    const installation = new Installation();
    installation.install();
    return installation;
  }

  get bin(): string {
    return join(this.folder, 'dist/bin.cjs');
  }

  /** Installs what is built now, in place; `build`: under this name of twelve characters. */
  install(build?: string): void {
    rmSync(join(this.folder, 'dist'), { recursive: true, force: true });
    mkdirSync(join(this.folder, 'dist'));
    cpSync(join(ROOT, 'schema'), join(this.folder, 'schema'), { recursive: true });
    for (const entry of readdirSync(join(ROOT, 'dist'), { withFileTypes: true })) {
      const { name } = entry;
      if (entry.isDirectory()) {
        cpSync(join(ROOT, 'dist', name), join(this.folder, 'dist', name), { recursive: true });
        continue;
      }
      const text = readFileSync(join(ROOT, 'dist', name), 'utf8');
      writeFileSync(
        join(this.folder, 'dist', name),
        build === undefined ? text : text.replaceAll(currentBuild(), build),
      );
    }
  }

  /** Puts something else in the place of a program. */
  damage(program: string, text: string): void {
    writeFileSync(join(this.folder, 'dist', program), text);
  }

  [Symbol.dispose](): void {
    rmSync(this.folder, { recursive: true, force: true });
  }
}

let known: string | undefined;

/** The name of what is built now. */
export function currentBuild(): string {
  known ??= /build (\w{12})/.exec(
    execFileSync(process.execPath, [join(ROOT, 'dist/bin.cjs'), 'version'], {
      encoding: 'utf8',
      env: { ...process.env, STATEWARD_HOME: '/nonexistent' },
    }),
  )?.[1];
  if (known === undefined) throw new Error('the build has no name');
  return known;
}
