import type { ImportedApp } from './imported.ts';

/** A name as apps can have it: no slashes and controls, no dot, dash or blank in front, at most 100 characters. */
export function validName(name: string): string {
  const plain = name
    .replace(/[/\\\p{Cc}]+/gu, '-')
    .replace(/^[\s.-]+/, '')
    .trimEnd();
  const short = Array.from(plain).slice(0, 90).join('').trimEnd();
  return short === '' ? 'app' : short;
}

/** Apps with valid names of their own: the second `web` is `web-2`, with a note. */
export function withUniqueNames(apps: readonly ImportedApp[]): readonly ImportedApp[] {
  const taken = new Set<string>();
  const wanted = new Set(apps.map(({ name }) => validName(name)));
  return apps.map((app) => {
    const valid = validName(app.name);
    let name = valid;
    for (let number = 2; taken.has(name) || (name !== valid && wanted.has(name)); number += 1) {
      name = `${valid}-${number}`;
    }
    taken.add(name);
    if (name === app.name) return app;
    const why = name === valid ? 'as an app can be called' : 'another app has that name';
    const text = `was called ${JSON.stringify(app.name)}: ${why}`;
    return { ...app, name, notes: [{ kind: 'differs', field: 'name', text }, ...app.notes] };
  });
}
