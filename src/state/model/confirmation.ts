/** A revision that was applied for a trial. */
export interface Confirmation {
  /** The revision that it goes back to; null: there was no such project, so its apps leave again. */
  readonly previous: number | null;
  /** Epoch milliseconds at which it is taken back. */
  readonly until: number;
  readonly by: string;
  readonly at: number;
}
