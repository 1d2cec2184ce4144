import { commandAt, mapCommands } from './commands/command-paths.ts';
import { isShell, shellLineAt, writeShellLine } from './commands/shell-line.ts';
import { escapeVariables } from './variables.ts';

type Declared = Readonly<Record<string, unknown>>;

/**
 * An app with every text written so that a file that holds it means the same: what to do with a spec before it is
 * printed. `${VAR}` in a shell line is the shell's and stays; elsewhere it becomes `$${VAR}`.
 */
export function escapeApp(app: Declared): Declared {
  const escaped = Object.fromEntries(
    Object.entries(app).map(([key, value]) => [key, escapeField(app, key, value)]),
  );
  return mapCommands(escaped, (_escaped, path) => escapeCommand(commandAt(app, path) ?? []));
}

function escapeField(app: Declared, key: string, value: unknown): unknown {
  switch (key) {
    case 'script':
      return app['shell'] !== undefined && app['shell'] !== false && typeof value === 'string'
        ? writeShellLine(value)
        : escapeVariables(value);
    case 'args': {
      const program = [app['script'], app['interpreter']].find(
        (name) => typeof name === 'string' && isShell(name),
      );
      return Array.isArray(value)
        ? escapeCommand([program, ...(value as unknown[])]).slice(1)
        : escapeVariables(value);
    }
    default:
      return escapeVariables(value);
  }
}

function escapeCommand(command: readonly unknown[]): readonly unknown[] {
  const line = shellLineAt(command);
  return command.map((text, index) =>
    index === line && typeof text === 'string' ? writeShellLine(text) : escapeVariables(text),
  );
}
