/** Something is not as usual. Nothing was printed yet, and the full command is to run: it has the words for everything. */
export class NotPlain extends Error {}
