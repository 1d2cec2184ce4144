import { isPlainObject, isShell, shellLineAt, writeShellLine } from './shell-line.ts';
import { escapeVariables } from './variables.ts';

type Declared = Readonly<Record<string, unknown>>;

/**
 * An app with every text written so that a file that holds it means the same: what to do with a spec before it is
 * printed. `${VAR}` in a shell line is the shell's and stays; elsewhere it becomes `$${VAR}`.
 */
export function escapeApp(app: Declared): Declared {
  return Object.fromEntries(Object.entries(app).map(([key, value]) => [key, escapeField(app, key, value)]));
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
    case 'readiness':
    case 'liveness':
    case 'startup':
      return escapeProbe(value);
    case 'hooks':
      return isPlainObject(value)
        ? Object.fromEntries(Object.entries(value).map(([name, hook]) => [name, escapeHook(hook)]))
        : escapeVariables(value);
    default:
      return escapeVariables(value);
  }
}

function escapeHook(hook: unknown): unknown {
  if (!isPlainObject(hook) || !Array.isArray(hook['command'])) return escapeVariables(hook);
  const command = escapeCommand(hook['command'] as unknown[]);
  return { ...(escapeVariables(hook) as Declared), command };
}

function escapeProbe(probe: unknown): unknown {
  if (!isPlainObject(probe) || !isPlainObject(probe['exec'])) return escapeVariables(probe);
  const { command } = probe['exec'];
  if (!Array.isArray(command)) return escapeVariables(probe);
  return { ...(escapeVariables(probe) as Declared), exec: { command: escapeCommand(command as unknown[]) } };
}

function escapeCommand(command: readonly unknown[]): readonly unknown[] {
  const line = shellLineAt(command);
  return command.map((text, index) =>
    index === line && typeof text === 'string' ? writeShellLine(text) : escapeVariables(text),
  );
}
