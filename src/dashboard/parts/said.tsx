import type { ComponentChildren } from 'preact';
import type { Failure } from '../../lib/failure.ts';

/** What went wrong, what moved, and the way out. */
export function Failed({
  failure,
  children,
}: {
  readonly failure: Failure;
  readonly children?: ComponentChildren;
}) {
  const { position } = failure;
  return (
    <div class="said bad" role="alert">
      <strong>{failure.message}</strong>
      {position !== undefined && (
        <code>
          {[position.file, position.line, position.column].filter((part) => part !== undefined).join(':')}
        </code>
      )}
      {failure.details?.map((line) => (
        <div key={line}>{line}</div>
      ))}
      {failure.hint !== undefined && <div class="muted">{failure.hint}</div>}
      {children}
    </div>
  );
}

/** There is nothing here, and what would bring something. */
export function Empty({
  title,
  children,
}: {
  readonly title: string;
  readonly children?: ComponentChildren;
}) {
  return (
    <div class="empty">
      <svg viewBox="0 0 48 48" aria-hidden="true">
        <rect x="6" y="10" width="36" height="28" rx="5" />
        <path d="M13 19h22M13 25h14M13 31h18" />
      </svg>
      <h2>{title}</h2>
      {children}
    </div>
  );
}

/** The shape of what comes, while it comes. */
export function Loading({ rows = 6 }: { readonly rows?: number }) {
  return (
    <div class="loading" role="status">
      <span class="unseen">Loading</span>
      {Array.from({ length: rows }, (_, index) => (
        <div key={index} class="bone" />
      ))}
    </div>
  );
}
