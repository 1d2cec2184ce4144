import { plainYaml } from './plain-yaml.ts';

/** `-o yaml`. The library is loaded only for what needs it, so that a command that prints little does not pay for it. */
export async function renderYaml(value: unknown): Promise<string> {
  const plain = plainYaml(value);
  if (plain !== null) return plain;
  const { stringify } = await import('yaml');
  return stringify(value, { lineWidth: 0, aliasDuplicateObjects: false });
}
