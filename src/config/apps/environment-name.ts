import type { Failure } from '../../lib/failure.ts';
import { overlay } from '../../spec/normalise/normalise-env.ts';
import type { DeclaredApp } from '../shape/declared-app.ts';
import { didYouMean } from '../../lib/nearest.ts';

/** `--env NAME` must mean something to at least one app: a misspelt name would start all of them with other settings. */
export function checkEnvironment(
  env: string | null,
  apps: readonly DeclaredApp[],
  projects: readonly object[] = [],
): readonly Failure[] {
  const places = [...apps.map(({ app }) => app), ...projects];
  if (env === null || places.some((place) => overlay(place, env) !== undefined)) return [];
  const known = new Set(places.flatMap((place) => Object.keys(place).filter(isOverlay)));
  const names = [...known].map((key) => key.slice('env_'.length));
  const hint = names.length === 0 ? `write env_${env}: on an app` : didYouMean(env, names);
  const message = `no app has the environment ${JSON.stringify(env)} (env_${env})`;
  return [{ code: 'CONFIG_UNKNOWN_ENVIRONMENT', message, ...(hint === undefined ? {} : { hint }) }];
}

function isOverlay(key: string): boolean {
  return /^env_(?!file$)./.test(key);
}
