import type { ApiReply, ApiTransport } from '../../../api/contract/transport.ts';
import type { RawReply } from '../../../api/client/raw-reply.ts';
import { compareWith, noteOnBuild } from '../../../api/contract/version.ts';
import { unsafeHome } from '../../../home/check.ts';
import { homeLayout } from '../../../home/layout.ts';
import { BUILD, VERSION } from '../../../lib/programs/build.ts';
import { ok } from '../../../lib/result.ts';
import { NotPlain } from './not-plain.ts';

const HTTP_OK = 200;

/** GET over a Unix socket; rejects when nobody answers. */
export type Fetch = (socketPath: string, path: string) => Promise<RawReply>;

export interface PlainTransport extends ApiTransport {
  /** Whether every answer was as usual; what a command made of another one counts for nothing. */
  readonly isPlain: () => boolean;
}

/** Whether it is the answer of a daemon of this build that does what it is asked for. */
export function isUsual({ status, served, program }: RawReply): boolean {
  return (
    status === HTTP_OK &&
    compareWith(served) === 'equal' &&
    noteOnBuild(program, { version: VERSION, build: BUILD }) === null
  );
}

/** Answers of a daemon of this build that does what it is asked for; everything else is NotPlain, and changes nothing. */
export function plainTransport(home: string, fetch: Fetch): PlainTransport {
  let isPlain = true;
  const get = async (path: string): Promise<RawReply> => {
    try {
      if (unsafeHome(home) !== null) throw new NotPlain();
      const reply = await fetch(homeLayout(home).apiSocket, path);
      if (isUsual(reply)) return reply;
    } catch {
      // The full command asks again, and says what is wrong.
    }
    isPlain = false;
    throw new NotPlain();
  };
  const refuse = (): never => {
    isPlain = false;
    throw new NotPlain();
  };
  return {
    isPlain: () => isPlain,
    request: async ({ method, path, body }) => {
      if (method !== 'GET' || body !== undefined) return refuse();
      const reply: ApiReply = { status: HTTP_OK, body: JSON.parse((await get(path)).body) as unknown };
      return ok(reply);
    },
    stream: async ({ path }) => {
      // What goes on for ever is read by the full command.
      if (!path.startsWith('/v1/logs?') || /[?&]follow=true/.test(path)) return refuse();
      return ok(linesOf((await get(path)).body));
    },
  };
}

// The contract wants what comes piece by piece; here all of it is there.
async function* linesOf(body: string): AsyncGenerator<string> {
  yield* await Promise.resolve(body.split('\n'));
}
