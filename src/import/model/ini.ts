/** One `key = value` of a file in sections. */
export interface IniEntry {
  readonly key: string;
  readonly value: string;
  /** Where it stands, counted from 1. */
  readonly line: number;
}

export interface IniSection {
  readonly name: string;
  readonly line: number;
  readonly entries: readonly IniEntry[];
}

/** A line that is none of a file in sections. */
export interface IniProblem {
  readonly line: number;
  readonly message: string;
}

/** Of a file that is something else, nobody wants to see every line. */
export const SHOWN_PROBLEMS = 3;

export interface Ini {
  readonly sections: readonly IniSection[];
  readonly problems: readonly IniProblem[];
}

/** The dialects: how a value goes on in the next line, and what a comment is. */
export interface IniDialect {
  /** `backslash`: a line that ends with one goes on. `indent`: an indented line goes on with the one above. */
  readonly continued: 'backslash' | 'indent';
  /** A blank and `;` begin a comment within a line. */
  readonly inlineComments: boolean;
}

export const SYSTEMD: IniDialect = { continued: 'backslash', inlineComments: false };
export const SUPERVISOR: IniDialect = { continued: 'indent', inlineComments: true };

/** Reads sections with their entries, in order; a section or a key may be there more than once. */
export function readIni(text: string, dialect: IniDialect): Ini {
  const sections: { name: string; line: number; entries: { key: string; value: string; line: number }[] }[] =
    [];
  const problems: IniProblem[] = [];
  // What a line goes on with; null: nothing.
  let open: { key: string; value: string; line: number } | null = null;
  for (const [index, raw] of text
    .replace(/^\ufeff/, '')
    .split(/\r?\n/)
    .entries()) {
    const line = index + 1;
    const isComment = /^\s*[#;]/.test(raw);
    if (dialect.continued === 'backslash' && open !== null) {
      // A comment within a value that goes on is passed over.
      if (isComment) continue;
      open.value = `${open.value} ${withoutBackslash(raw).trim()}`.trim();
      if (!endsOpen(raw)) open = null;
      continue;
    }
    if (isComment || raw.trim() === '') {
      if (raw.trim() === '') open = null;
      continue;
    }
    if (dialect.continued === 'indent' && open !== null && /^\s/.test(raw)) {
      open.value = `${open.value}\n${valueOf(raw, dialect)}`.trim();
      continue;
    }
    const header = /^\s*\[([^\]]+)\]\s*(?:[;#].*)?$/.exec(raw);
    if (header !== null) {
      sections.push({ name: (header[1] ?? '').trim(), line, entries: [] });
      open = null;
      continue;
    }
    const section = sections.at(-1);
    const pair = /^\s*([^=:\s][^=:]*?)\s*[=:](.*)$/s.exec(raw);
    const [, key = '', rest = ''] =
      (dialect.continued === 'backslash' ? /^\s*([^=\s][^=]*?)\s*=(.*)$/s.exec(raw) : pair) ?? [];
    if (section === undefined || key === '') {
      problems.push({
        line,
        message:
          section === undefined
            ? 'this stands before the first [section]'
            : 'this is neither a [section] nor a key = value',
      });
      open = null;
      continue;
    }
    const entry = { key, value: valueOf(withoutBackslash(rest, dialect), dialect), line };
    section.entries.push(entry);
    open = dialect.continued === 'indent' || endsOpen(raw) ? entry : null;
  }
  return { sections, problems };
}

function endsOpen(raw: string): boolean {
  return /(?:^|[^\\])(?:\\\\)*\\$/.test(raw);
}

function withoutBackslash(raw: string, dialect: IniDialect = SYSTEMD): string {
  return dialect.continued === 'backslash' && endsOpen(raw) ? raw.slice(0, -1) : raw;
}

function valueOf(raw: string, { inlineComments }: IniDialect): string {
  return (inlineComments ? raw.replace(/\s;.*$/s, '') : raw).trim();
}
