/** The heads of the columns of a table; those of figures are on the right. */
export function Heads({ names, figures = [] }: HeadsProps) {
  return (
    <thead>
      <tr>
        {names.map((name) => (
          <th key={name} scope="col" class={figures.includes(name) ? 'figure' : ''}>
            {name}
          </th>
        ))}
      </tr>
    </thead>
  );
}

interface HeadsProps {
  readonly names: readonly string[];
  readonly figures?: readonly string[];
}
