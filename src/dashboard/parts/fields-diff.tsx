import { formatValue } from '../../spec/format-value.ts';
import type { FieldChange } from '../../spec/types.ts';

/** Fields before and after, a line each; a field that was not there has one line. */
export function FieldsDiff({ fields }: { readonly fields: readonly FieldChange[] }) {
  if (fields.length === 0) return null;
  return (
    <div class="diff" role="table" aria-label="Fields that change">
      {fields.map(({ path, before, after, redacted, note }) => {
        const isNamed = path === 'code' && typeof before === 'string' && typeof after === 'string';
        const text = (value: unknown): string => (isNamed ? String(value) : formatValue(path, value));
        return (
          <div key={path} class="field" role="row">
            <span class="path" role="rowheader">
              {path}
              {note !== undefined && <span class="muted"> {note}</span>}
              {redacted && text(before) === text(after) && <span class="muted"> (a secret, changed)</span>}
            </span>
            <span role="cell">
              {before !== undefined && (
                <del>
                  <span aria-hidden="true">− </span>
                  {text(before)}
                </del>
              )}
              {after !== undefined && (
                <ins>
                  <span aria-hidden="true">+ </span>
                  {text(after)}
                </ins>
              )}
            </span>
          </div>
        );
      })}
    </div>
  );
}
