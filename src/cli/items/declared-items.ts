const SIGNS = { created: '+', changed: '~', unchanged: '=', removed: '-' } as const;

export interface DeclaredItem {
  readonly name: string;
  readonly kind: keyof typeof SIGNS;
}

/** What became of the items of a file: one line each, and how many of each. `title`: what they are, `Sources`. */
export function renderDeclaredItems(items: readonly DeclaredItem[], title: string): string {
  const lines = items.map(({ name, kind }) => `  ${SIGNS[kind]} ${name}  ${kind}\n`);
  const counts = (['created', 'changed', 'unchanged', 'removed'] as const)
    .map((kind) => [kind, items.filter((item) => item.kind === kind).length] as const)
    .filter(([, amount]) => amount > 0)
    .map(([kind, amount]) => `${amount} ${kind}`);
  return `${lines.join('')}${title}: ${counts.length === 0 ? 'none' : counts.join(', ')}.\n`;
}

/** The same of sources. */
export function renderDeclaredSources(
  changes: readonly { readonly source: string; readonly kind: DeclaredItem['kind'] }[],
): string {
  const items = changes.map(({ source, kind }) => ({ name: source, kind }));
  return renderDeclaredItems(items, 'Sources');
}
