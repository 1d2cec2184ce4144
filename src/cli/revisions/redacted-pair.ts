import { denormaliseApp, denormalisePair } from '../../spec/normalise/denormalise.ts';
import { redactSpec } from '../../spec/secrets/redact.ts';
import type { AppSpec } from '../../spec/types.ts';

/** Both sides without secrets, where a secret that differs is marked on the declared side. */
export function redactPair(live: AppSpec | null, declared: AppSpec | null): readonly [unknown, unknown] {
  const [liveShown, declaredShown] = [live, declared].map((spec) =>
    spec === null ? null : redactSpec(spec),
  );
  if (live === null || declared === null || liveShown == null || declaredShown == null) {
    return [liveShown, declaredShown].map((spec) => (spec == null ? null : denormaliseApp(spec))) as [
      unknown,
      unknown,
    ];
  }
  const [shownLive, shownDeclared] = denormalisePair(liveShown, declaredShown);
  const [rawBefore, raw] = denormalisePair(live, declared);
  return [shownLive, markChanged({ shown: shownDeclared, shownBefore: shownLive, raw, rawBefore })];
}

interface Compared {
  readonly shown: unknown;
  readonly shownBefore: unknown;
  readonly raw: unknown;
  readonly rawBefore: unknown;
}

/** `shown`, with ` (changed)` behind every text that looks the same as before and is not. */
function markChanged({ shown, shownBefore, raw, rawBefore }: Compared): unknown {
  if (typeof shown === 'string') {
    return shown === shownBefore && raw !== rawBefore ? `${shown} (changed)` : shown;
  }
  if (Array.isArray(shown)) {
    return shown.map((value: unknown, index) =>
      markChanged({
        shown: value,
        shownBefore: itemOf(shownBefore, index),
        raw: itemOf(raw, index),
        rawBefore: itemOf(rawBefore, index),
      }),
    );
  }
  if (typeof shown !== 'object' || shown === null) return shown;
  return Object.fromEntries(
    Object.entries(shown).map(([key, value]: [string, unknown]) => [
      key,
      markChanged({
        shown: value,
        shownBefore: itemOf(shownBefore, key),
        raw: itemOf(raw, key),
        rawBefore: itemOf(rawBefore, key),
      }),
    ]),
  );
}

function itemOf(container: unknown, key: string | number): unknown {
  if (typeof container !== 'object' || container === null) return undefined;
  return (container as Readonly<Record<string | number, unknown>>)[key];
}
