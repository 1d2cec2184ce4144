import type { Candidate } from './candidates.ts';

const ABOUT_WIDTH = 70;

/**
 * bash cuts words at the characters of COMP_WORDBREAKS, of which `:` and `=` mean nothing to us: `api:0` comes as `api`,
 * `:`, `0`. Puts them together again.
 */
export function mergeWords(words: readonly string[], breaks: string): readonly string[] {
  const isBreak = (word: string): boolean => /^[:=]+$/.test(word) && breaks.includes(word.charAt(0));
  const merged: string[] = [];
  let joins = false;
  for (const word of words) {
    if (merged.length > 0 && (joins || isBreak(word))) merged.push((merged.pop() ?? '') + word);
    else merged.push(word);
    joins = isBreak(word);
  }
  return merged;
}

/** Candidates in the form that the script of a shell reads: one a line. */
export function shownTo(
  shell: string,
  candidates: readonly Candidate[],
  { typed, breaks }: { readonly typed: string; readonly breaks: string },
): string {
  const told = candidates.filter(({ value }) => !/[\n\t]/.test(value));
  if (shell !== 'bash') {
    return told.map(({ value, about }) => `${value}\t${shortened(about ?? '')}\n`).join('');
  }
  // It replaces what stands behind the last break only.
  const cut =
    Math.max(...[':', '='].filter((sign) => breaks.includes(sign)).map((sign) => typed.lastIndexOf(sign))) +
    1;
  return told.map(({ value }) => `${escaped(value.slice(Math.max(0, cut)))}\n`).join('');
}

function shortened(about: string): string {
  const line = about.replaceAll(/\s+/g, ' ');
  return line.length > ABOUT_WIDTH ? `${line.slice(0, ABOUT_WIDTH - 1)}…` : line;
}

function escaped(value: string): string {
  return value.replaceAll(/[^\w@%+=:,./~^-]/g, (sign) => `\\${sign}`);
}
