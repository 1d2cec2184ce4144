import { useEffect, useState } from 'preact/hooks';
import { read, type Answered } from '../link/api.ts';

/** The answer of a path, asked again when the path or `mark` changes; what was there stays until then. null: none yet. */
export function useAnswer<T>(path: string | null, mark: unknown = null): Answered<T> | null {
  const [answer, setAnswer] = useState<{ readonly path: string; readonly is: Answered<T> } | null>(null);
  useEffect(() => {
    if (path === null) return undefined;
    const leaving = new AbortController();
    read<T>(path, leaving.signal).then(
      (is) => setAnswer({ path, is }),
      () => undefined,
    );
    return () => leaving.abort();
  }, [path, mark]);
  return answer?.path === path ? answer.is : null;
}
