/** `-o yaml`. The library is loaded here, so that a command that prints no YAML does not pay for it. */
export async function renderYaml(value: unknown): Promise<string> {
  const { stringify } = await import('yaml');
  return stringify(value, { lineWidth: 0, aliasDuplicateObjects: false });
}
