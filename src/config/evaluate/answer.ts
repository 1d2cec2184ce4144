/** What the child process answers on descriptor 3, as JSON. */
export type EvaluationAnswer =
  | { readonly ok: true; readonly value: unknown }
  | {
      readonly ok: false;
      readonly kind: 'missing-module' | 'no-export' | 'not-data' | 'syntax' | 'thrown';
      readonly message: string;
      /** The module that is missing. */
      readonly module?: string;
      /** Where in the ecosystem file; counted from 1. */
      readonly line?: number;
      readonly column?: number;
      /** Keys and indices from what the file exports to what is not data. */
      readonly path?: readonly (string | number)[];
      /** The other file that is to blame: one that the ecosystem file loads. */
      readonly from?: string;
    };
