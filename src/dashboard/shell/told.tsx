import { useEffect } from 'preact/hooks';
import { told } from '../parts/act.tsx';
import { Failed } from '../parts/said.tsx';

const SHOWN_MS = 5_000;

/** What became of the last thing that was asked for; failures stay until somebody has read them. */
export function Told() {
  const { value } = told;
  useEffect(() => {
    if (value === null || 'failure' in value) return undefined;
    const over = setTimeout(() => (told.value = null), SHOWN_MS);
    return () => clearTimeout(over);
  }, [value]);
  if (value === null) return null;
  const close = (
    <button type="button" class="plain" aria-label="Dismiss" onClick={() => (told.value = null)}>
      ✕
    </button>
  );
  return (
    <div class="told">
      {'failure' in value ? (
        <Failed failure={value.failure}>{close}</Failed>
      ) : (
        <div class="said" role="status">
          {value.text} {close}
        </div>
      )}
    </div>
  );
}
