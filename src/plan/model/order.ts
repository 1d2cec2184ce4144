/** A fixed order for what is otherwise equal, so that the order of the input never shows. */
export function byNonce(a: { readonly nonce: string }, b: { readonly nonce: string }): number {
  return a.nonce < b.nonce ? -1 : a.nonce > b.nonce ? 1 : 0;
}
