import picomatch from 'picomatch';
import { describe, expect, it } from 'vitest';
import { selectFiles, type WatchDeclaration } from '../../../src/triggers/watch/watch-selection.ts';

/** Whether changes of these files, below /app unless absolute, count. */
function counting(declared: Partial<WatchDeclaration>, files: readonly string[]): readonly string[] {
  const declaration = { cwd: '/app', paths: [], ignore: [], ownPaths: [], ...declared };
  const { isIgnored, isSelected } = selectFiles(declaration, picomatch);
  return files.filter((file) => {
    const path = file.startsWith('/') ? file : `/app/${file}`;
    return isSelected(path) && !isIgnored(path);
  });
}

describe('the files that are watched', () => {
  it('are all below cwd, but for dependencies, dot files and what editors leave behind', () => {
    const files = ['a.js', 'src/deep/b.ts', 'node_modules/x/i.js', 'src/node_modules/y.js', '.git/HEAD'];
    const noise = ['.env', 'src/.a.js.swp', 'src/a.js~', 'src/4913', 'src/a.js.tmp', '/elsewhere/a.js'];
    expect(counting({}, [...files, ...noise])).toEqual(['a.js', 'src/deep/b.ts']);
  });

  it('are those that paths and globs name, from cwd', () => {
    const paths = ['src', './config/*.json', '../shared/**/*.js', '!src/**/*.test.js'];
    const files = [
      'src/a.js',
      'src/a.test.js',
      'config/x.json',
      'config/x.yaml',
      'config/deep/x.json',
      'b.js',
    ];
    expect(counting({ paths }, [...files, '/shared/deep/c.js', '/shared/c.css', 'srcs/a.js'])).toEqual([
      'src/a.js',
      'config/x.json',
      '/shared/deep/c.js',
    ]);
  });

  it('may be a dot file or a dependency when they are named', () => {
    expect(
      counting({ paths: ['.env', 'node_modules/mine'] }, ['.env', 'node_modules/mine/i.js', '.npmrc']),
    ).toEqual(['.env', 'node_modules/mine/i.js']);
  });

  it('lie below a folder whose own path has dots in it', () => {
    expect(counting({ cwd: '/home/me/.config/app' }, ['/home/me/.config/app/a.js'])).toHaveLength(1);
  });

  it('leave out what ignore_watch adds to the defaults', () => {
    const ignore = ['tmp', '*.log', 'public/uploads', './data/*.db', '/app/abs', 'cache/'];
    const out = ['tmp/a', 'src/tmp/b', 'x/y.log', 'public/uploads/c.png', 'data/d.db', 'abs/e', 'cache/f'];
    const kept = ['public/index.html', 'data/deep/d.db', 'src/a.js'];
    expect(counting({ ignore }, [...out, ...kept, 'node_modules/x.js'])).toEqual(kept);
  });

  it('leave out the log files of the app, rotated ones too, and the home', () => {
    const ownPaths = ['/app/logs/out.log', '/app/home'];
    const files = ['logs/out.log', 'logs/out.log.1', 'logs/out.log.2.gz', 'home/run/x', 'logs/other.js'];
    expect(counting({ ownPaths }, files)).toEqual(['logs/other.js']);
  });
});
