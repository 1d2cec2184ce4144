/** What supervisord knows of a program. */
export interface Known {
  readonly name: string;
  readonly group: string;
}

/** `%(ENV_X)s` is `${X}` here; what supervisord knows of the program is written out. */
export function expansions(text: string, { name, group }: Known): string {
  return text
    .replace(/\$(?=[{$])/g, '$$$$')
    .replace(/%\(([A-Za-z_]\w*)\)(?:0?\d*)[sd]/g, (whole, key: string) => {
      if (key.startsWith('ENV_')) return `\${${key.slice(4)}}`;
      if (key === 'program_name') return name;
      if (key === 'group_name') return group;
      if (key === 'here') return '.';
      return key === 'process_num' ? '0' : whole;
    })
    .replaceAll('%%', '%');
}

/** `A="x",B=y`, over several lines too. */
export function environmentOf(text: string): Readonly<Record<string, string>> {
  const pairs = text.matchAll(
    /([A-Za-z_]\w*)\s*=\s*(?:"((?:[^"\\]|\\.)*)"|'((?:[^'\\]|\\.)*)'|([^,\n]*))\s*(?:,|\n|$)/g,
  );
  return Object.fromEntries(
    [...pairs].map(([, key = '', double, single, plain]) => [key, double ?? single ?? (plain ?? '').trim()]),
  );
}
