/** Every answer of 400 and up; the last event (`event: error`) or line of a stream that broke. */
export interface ErrorBody {
  readonly error: {
    readonly code: string;
    readonly message: string;
    readonly hint?: string;
    readonly details?: readonly string[];
  };
}
