import type { AppSpec } from '../../spec/types.ts';

/** The port of a slot: one that `increment_var` counts up from is that of slot 0. */
export function probedPort(port: number, { increment_var: name, env }: AppSpec, slot: number): number {
  return name !== null && env[name] === String(port) ? port + slot : port;
}
