const SHORT_DIGITS = 7;
const HASH = /^[0-9a-f]{40}(?:[0-9a-f]{24})?$/;

/** Whether a text is the whole hash of a commit, SHA-1 or SHA-256, as git writes it. */
export function isCommitHash(text: string): boolean {
  return HASH.test(text);
}

/** As people write it: the first digits. Of what a followed file holds likewise. */
export function shortCommit(hash: string): string {
  return hash.slice(0, SHORT_DIGITS);
}
