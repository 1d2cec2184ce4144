/**
 * What a target cannot take over as it is. `error`: it cannot mean the same there, so nothing is rendered without a
 * change of the file. `warning`: it means something else there, or nothing.
 */
export interface Diagnostic {
  readonly project: string;
  /** Name of the app. */
  readonly app: string;
  /** Key of the ecosystem file, dotted where it lies below another: `readiness.log`. */
  readonly field: string;
  readonly severity: 'error' | 'warning';
  readonly message: string;
  /** The way out, as a clause without a full stop. */
  readonly hint?: string;
  /** It is so where others apply what is rendered; a target that applies it itself does it. */
  readonly renderedOnly?: true;
}

/** Objects of a target, in the order in which they are to be applied, with what was lost on the way. */
export interface Rendered<T> {
  readonly objects: readonly T[];
  readonly diagnostics: readonly Diagnostic[];
}

/** A diagnostic without the app, which whoever goes through the apps adds. */
export type Finding = Omit<Diagnostic, 'project' | 'app'>;

export function error(field: string, message: string, hint?: string): Finding {
  return { field, severity: 'error', message, ...(hint !== undefined && { hint }) };
}

export function warning(field: string, message: string, hint?: string): Finding {
  return { field, severity: 'warning', message, ...(hint !== undefined && { hint }) };
}

/** Said to who applies the objects by other means. */
export function onlyRendered(finding: Finding): Finding {
  return { ...finding, renderedOnly: true };
}
