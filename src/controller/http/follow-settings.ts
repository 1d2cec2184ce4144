import { isDeepStrictEqual } from 'node:util';
import type { Cancel } from '../../lib/clocks/clock.ts';
import type { ControllerContext } from '../context/context.ts';

/** Has the listener be as the settings of the home say, until the returned function is called. */
export function followSettings({
  http,
  settings: { book },
}: Pick<ControllerContext, 'http' | 'settings'>): Cancel {
  void http.want(book.now.http);
  const unfollow = book.follow(async (after, before) => {
    if (!isDeepStrictEqual(after.http, before.http)) await http.want(after.http);
  });
  return () => {
    unfollow();
    void http.close();
  };
}
