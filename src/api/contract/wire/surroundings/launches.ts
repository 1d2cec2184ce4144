import type { AppKey } from '../../../../lib/app-key.ts';
import { isInteger, isText, listOf, mapOf, nullable, objectOf } from '../../../../lib/checks.ts';
import type { Failure } from '../../../../lib/failure.ts';
import type { Result } from '../../../../lib/result.ts';
import { checked } from '../../endpoints/checked.ts';

/** POST /v1/launches: how to run a command in the surroundings of one instance. The client runs it. */
export interface LaunchRequest {
  /** They must mean one instance. */
  readonly selectors: readonly string[];
  /** The program and its arguments. */
  readonly command: readonly string[];
  /** Over the environment of the app. */
  readonly env: Readonly<Record<string, string>>;
  /** `USER` or `USER:GROUP`, by name or number; null: the user of the app. */
  readonly user: string | null;
  /** Who is going to run it. */
  readonly caller: { readonly uid: number; readonly gid: number };
  readonly by: string;
}

/** It has the app's secrets in it: it is for whoever runs it, and for no output. */
export interface LaunchResponse {
  readonly app: AppKey;
  readonly slot: number;
  /** Program and arguments, with what changes the user in front. */
  readonly file: string;
  readonly args: readonly string[];
  readonly cwd: string;
  /** All of it. */
  readonly env: Readonly<Record<string, string>>;
  readonly umask: number;
  /** What a person should know of whose environment it is; null: nothing. */
  readonly note: string | null;
}

const isLaunchRequest = objectOf<LaunchRequest>({
  selectors: listOf(isText),
  command: (value, path) =>
    listOf(isText)(value, path) ?? ((value as unknown[]).length === 0 ? `${path} is empty` : null),
  env: mapOf(isText),
  user: nullable(isText),
  caller: objectOf<LaunchRequest['caller']>({ uid: isInteger(0), gid: isInteger(0) }),
  by: isText,
});

export function checkLaunchRequest(body: unknown): Result<LaunchRequest, Failure> {
  return checked<LaunchRequest>(isLaunchRequest, body);
}
