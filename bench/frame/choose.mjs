/** The rows that `--only` names, in the order in which they are measured; without names: all of them. */
export function chooseRows(rows, only) {
  const names = only
    .flatMap((list) => list.split(','))
    .map((name) => name.trim())
    .filter(Boolean);
  const unknown = names.filter((name) => !rows.some(({ id }) => id === name));
  if (unknown.length > 0) {
    throw new UnknownRow(
      `no row is called ${unknown.join(', ')}; there are ${rows.map(({ id }) => id).join(', ')} (--rows says what each is)`,
    );
  }
  return names.length === 0 ? rows : rows.filter(({ id }) => names.includes(id));
}

export class UnknownRow extends Error {}
