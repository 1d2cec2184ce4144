/**
 * Whether two JSON values mean the same: the order of keys does not matter, and a key that is undefined is as good as
 * none. What comparing their canonical texts would say, at a tenth of the cost.
 */
export function sameValue(one: unknown, other: unknown): boolean {
  if (one === other) return true;
  if (typeof one !== 'object' || typeof other !== 'object' || one === null || other === null) {
    return Number.isNaN(one) && Number.isNaN(other);
  }
  if (Array.isArray(one) || Array.isArray(other)) {
    return Array.isArray(one) && Array.isArray(other) && sameList(one, other);
  }
  return sameFields(one as Fields, other as Fields);
}

type Fields = Readonly<Record<string, unknown>>;

function sameList(one: readonly unknown[], other: readonly unknown[]): boolean {
  if (one.length !== other.length) return false;
  for (let index = 0; index < one.length; index += 1) {
    if (one[index] !== other[index] && !sameValue(one[index], other[index])) return false;
  }
  return true;
}

function sameFields(one: Fields, other: Fields): boolean {
  const keys = Object.keys(one);
  const others = Object.keys(other);
  // To look up a key of many takes longer than to list all: what was written in the same order is compared in it.
  return isSameOrder(keys, others)
    ? sameList(Object.values(one), Object.values(other))
    : sameByKey(one, other);
}

function isSameOrder(keys: readonly string[], others: readonly string[]): boolean {
  if (keys.length !== others.length) return false;
  for (let index = 0; index < keys.length; index += 1) if (keys[index] !== others[index]) return false;
  return true;
}

function sameByKey(one: Fields, other: Fields): boolean {
  let defined = 0;
  for (const key of Object.keys(one)) {
    if (one[key] === undefined) continue;
    defined += 1;
    if (!Object.hasOwn(other, key) || !sameValue(one[key], other[key])) return false;
  }
  for (const key of Object.keys(other)) if (other[key] !== undefined) defined -= 1;
  return defined === 0;
}
