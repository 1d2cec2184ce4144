/** Where an app comes from. */
export interface AppSourceInfo {
  readonly name: string;
  /** Of a git source: the commit whose files it runs from. Newer ones have not changed it. */
  readonly commit: string | null;
  /** The stage of the source that is bad, and why; null: none is, or it is not known. */
  readonly problem: string | null;
  /** What people make otherwise is taken back by itself; absent: it is not, or it is not known. */
  readonly selfHeal?: true;
}
