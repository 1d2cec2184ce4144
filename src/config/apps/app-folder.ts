import { resolvePath } from '../../spec/normalise/normalise-path.ts';
import { nodeAt, type SourcePath } from '../read/source.ts';
import { writtenPath, type DeclaredApp } from '../shape/declared-app.ts';

/**
 * An app as if all of it stood in one file: paths of another file that it extends are absolute. Where nothing says `cwd`, it
 * runs in the folder of the file that says what runs.
 */
export function inItsFolder(
  declared: DeclaredApp,
  folder: string,
  home: string | null,
): { readonly declared: DeclaredApp; readonly fileDir: string } {
  if (declared.document.isLayered !== true) return { declared, fileDir: folder };
  const { app } = declared;
  const dirOf = (path: SourcePath): string =>
    nodeAt(declared.document.root, writtenPath(declared, path))?.span?.from?.dir ?? folder;
  const absolute = (path: string, at: SourcePath): string =>
    dirOf(at) === folder ? path : resolvePath(path, dirOf(at), home);
  const { cwd, env_file } = app;
  const fileDir = dirOf([app.serve === undefined ? 'script' : 'serve']);
  const here = (path: string, at: SourcePath): string =>
    fileDir === folder ? absolute(path, at) : resolvePath(path, dirOf(at), home);
  const files =
    typeof env_file === 'string'
      ? here(env_file, ['env_file'])
      : env_file?.map((file, index) => here(file, ['env_file', index]));
  return {
    fileDir,
    declared: {
      ...declared,
      app: {
        ...app,
        ...(cwd !== undefined && { cwd: here(cwd, ['cwd']) }),
        ...(files !== undefined && { env_file: files }),
      },
    },
  };
}
