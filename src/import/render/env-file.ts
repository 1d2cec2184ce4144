import { parseEnv } from 'node:util';

const NAME = /^[A-Za-z_][\w.-]*$/;

/** `NAME=value` so that it is read back as it is; null: no spelling of it is. */
export function envFileLine(name: string, value: string): string | null {
  if (!NAME.test(name)) return null;
  const spelt = [
    ...(/^[\w./:@%+,=~^*?&!()[\]{}<>|;-]+$/.test(value) ? [value] : []),
    `'${value}'`,
    `"${value}"`,
    `"${value.replaceAll('\n', '\\n')}"`,
    `\`${value}\``,
  ];
  const line = spelt.map((text) => `${name}=${text}`).find((candidate) => readsBack(candidate, name, value));
  return line ?? null;
}

function readsBack(line: string, name: string, value: string): boolean {
  // Neighbours, because an open quote swallows what follows.
  const read = parseEnv(`A_BEFORE=1\n${line}\nZ_AFTER=1\n`);
  return read[name] === value && read['A_BEFORE'] === '1' && read['Z_AFTER'] === '1';
}

/** A file of variables, in the order given; those that none can hold are left out. */
export function renderEnvFile(head: string, variables: Readonly<Record<string, string>>): string {
  const lines = Object.entries(variables).flatMap(([name, value]) => envFileLine(name, value) ?? []);
  return `# ${head}\n${lines.join('\n')}\n`;
}
