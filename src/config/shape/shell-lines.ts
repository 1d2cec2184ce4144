import { COMMAND_PATHS } from '../../spec/commands/command-paths.ts';
import { isShell, isShellLine, shellLineAt } from '../../spec/commands/shell-line.ts';
import { APP_ALIASES } from './canonical-keys.ts';
import { nodeAt, type MapNode, type SourceNode } from '../read/source.ts';

export interface ShellLineContext {
  /** A text of the file as the environment of the command makes it. */
  readonly expand: (text: string) => string;
  /** Whether a script (relative to `cwd` of its app, and that to `dir`) is a file or a folder. */
  readonly namesFile: (script: string, cwd: string | undefined, dir: string | null) => boolean;
}

/** `env A=1 bash -c LINE`, with the program elsewhere. */
const SHELL_IN_ARGS = /(?:^|[\s/])(?:ba|da|z|k|mk|a|fi)?sh\s+(?:-\S+\s+)*-[a-z]*c\s/i;

/**
 * The texts of a file that a shell is to read: scripts that are shell lines, and what follows `-c` in arguments and
 * in the commands of an app. `${VAR}` in them is left to the shell and to the app's own environment.
 */
export function shellLines(root: SourceNode, context: ShellLineContext): ReadonlySet<SourceNode> {
  return new Set(appNodes(root).flatMap((app) => [...scriptLine(app, context), ...commandLines(app)]));
}

/** The maps of the root forms that are apps. */
function appNodes(root: SourceNode): readonly MapNode[] {
  if (root.kind === 'list') return root.items.filter(isMap);
  if (root.kind !== 'map') return [];
  const apps = root.entries.get('apps')?.value ?? root.entries.get('pm2')?.value;
  if (apps === undefined) return [root];
  if (apps.kind === 'list') return apps.items.filter(isMap);
  if (apps.kind !== 'map') return [];
  const script = field(apps, 'script');
  return script === undefined || isMap(script)
    ? [...apps.entries.values()].map(({ value }) => value).filter(isMap)
    : [apps];
}

function scriptLine(app: MapNode, { expand, namesFile }: ShellLineContext): readonly SourceNode[] {
  const script = field(app, 'script');
  const written = textOf(script);
  if (script === undefined || written === undefined || !written.includes('$')) return [];
  const shell = scalarOf(field(app, 'shell'));
  const folder = field(app, 'cwd');
  const cwd = textOf(folder);
  const dir = (folder ?? script).span?.from?.dir ?? null;
  const isFile = (): boolean => namesFile(expand(written), cwd === undefined ? undefined : expand(cwd), dir);
  const wanted = typeof shell === 'string' ? expand(shell) : shell === true ? true : undefined;
  return isShellLine(written, shell === false ? false : wanted, isFile) ? [script] : [];
}

/** `script: bash` with `args: [-c, LINE]`, and `exec: {command: [bash, -c, LINE]}`. */
function commandLines(app: MapNode): readonly SourceNode[] {
  const program = [field(app, 'script'), field(app, 'interpreter')]
    .map(textOf)
    .find((text) => isShell(text ?? ''));
  const commands = COMMAND_PATHS.map((path) => nodeAt(app, path));
  return [...argsLine(program, field(app, 'args')), ...commands.flatMap((command) => lineIn(command, []))];
}

function argsLine(program: string | undefined, args: SourceNode | undefined): readonly SourceNode[] {
  if (args === undefined) return [];
  if (args.kind === 'list') return lineIn(args, [program ?? '']);
  const line = program === undefined ? SHELL_IN_ARGS : /(?:^|\s)-[a-z]*c\s/i;
  return line.test(textOf(args) ?? '') ? [args] : [];
}

function lineIn(list: SourceNode | undefined, before: readonly string[]): readonly SourceNode[] {
  if (list?.kind !== 'list') return [];
  const at = shellLineAt([...before, ...list.items.map(textOf)]);
  const line = at === null ? undefined : list.items[at - before.length];
  return line === undefined ? [] : [line];
}

function field(app: MapNode, name: string): SourceNode | undefined {
  for (const [key, { value }] of app.entries) if ((APP_ALIASES.get(key) ?? key) === name) return value;
  return undefined;
}

function scalarOf(node: SourceNode | undefined): unknown {
  return node?.kind === 'scalar' ? node.value : undefined;
}

function textOf(node: SourceNode | undefined): string | undefined {
  const value = scalarOf(node);
  return typeof value === 'string' ? value : undefined;
}

function isMap(node: SourceNode): node is MapNode {
  return node.kind === 'map';
}
