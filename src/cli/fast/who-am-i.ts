import { userInfo } from 'node:os';

/** Who is behind this command, for the history: the login name, or the number of a user without one. */
export function whoAmI(): string {
  try {
    return userInfo().username;
  } catch {
    return `uid ${process.getuid?.() ?? 'unknown'}`;
  }
}
