/** What a secret is called as a variable: `db-password` is `DB_PASSWORD`. */
export function variableName(name: string): string {
  const words = name.replace(/[^A-Za-z0-9]+/g, '_').toUpperCase();
  return /^\d/.test(words) ? `_${words}` : words;
}
