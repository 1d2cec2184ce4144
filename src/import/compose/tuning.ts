import type { AppBuilder } from '../model/build-app.ts';
import { isPlain, numberAt, textAt } from '../model/plain-node.ts';

/** Keys of a service about what its processes have of the host; false: it is none of them. */
export function tuningSetting(app: AppBuilder, key: string, value: unknown): boolean {
  switch (key) {
    case 'oom_score_adj': {
      const score = numberAt(value);
      if (Number.isInteger(score)) app.set('oom_score_adj', score);
      else app.unmapped(key, value);
      return true;
    }
    case 'cpuset':
      app.set('cpu_affinity', textAt(value));
      return true;
    case 'ulimits':
      ulimits(app, value);
      return true;
    default:
      return false;
  }
}

/** One number for both, or a map of soft and hard; -1 is none. */
function ulimits(app: AppBuilder, value: unknown): void {
  if (!isPlain(value)) {
    app.unmapped('ulimits', value);
    return;
  }
  const one = (limit: unknown): unknown => (Number(limit) === -1 ? 'unlimited' : limit);
  const limits = Object.entries(value).map(([name, limit]) => {
    const both = isPlain(limit) ? { soft: one(limit['soft']), hard: one(limit['hard']) } : one(limit);
    return [name, both];
  });
  app.set('rlimits', Object.fromEntries(limits));
}
