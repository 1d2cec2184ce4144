import { createHash } from 'node:crypto';
import { hostname } from 'node:os';
import { join } from 'node:path';
import { splitAppKey } from '../../lib/app-key.ts';
import type { Cancel, Clock } from '../../lib/clocks/clock.ts';
import type { HomeLayout } from '../../home/layout.ts';
import type { HostFacts } from '../../notify/decide/matches.ts';
import type { StatusTable } from '../../reconcile/status-table.ts';
import type { Store } from '../../state/store.ts';
import type { Sources } from '../sources/sources.ts';
import { thisHost } from '../sources/work/surroundings.ts';
import { Receivers } from './receivers.ts';
import { Sender } from './sender.ts';

export interface OpenReceiversOptions {
  readonly options: {
    readonly distDir: string;
    readonly environment: Readonly<NodeJS.ProcessEnv>;
    readonly log: (line: string) => void;
  };
  readonly paths: HomeLayout;
  readonly store: Store;
  readonly status: StatusTable;
  readonly clock: Clock;
  readonly sources: Pick<Sources, 'get' | 'list'>;
}

/** Those who are told what happens at a controller, and how they are ended. */
export function openReceivers({ options, paths, store, status, clock, sources }: OpenReceiversOptions): {
  readonly receivers: Receivers;
  /** Calling it twice does nothing more. */
  readonly close: () => Promise<void>;
} {
  const { name: host } = thisHost(options.environment, hostname());
  const sender = new Sender({
    program: join(options.distDir, 'notify.cjs'),
    home: paths.home,
    environment: options.environment,
    clock,
    log: options.log,
  });
  const receivers = new Receivers({
    stateDir: paths.state,
    store,
    facts: hostFacts({ store, status, sources }),
    clock,
    random: Math.random,
    host,
    newId: (about) =>
      createHash('sha256')
        .update(JSON.stringify([host, paths.home, about]))
        .digest('hex')
        .slice(0, 32),
    send: (target, message) => sender.send(target, message),
    log: options.log,
  });
  const unfollow: Cancel = status.subscribe(() => receivers.poke());
  let closed: Promise<void> | undefined;
  const end = async (): Promise<void> => {
    unfollow();
    await receivers.close();
    sender.close();
  };
  return {
    receivers,
    close: () => {
      closed ??= end();
      return closed;
    },
  };
}

function hostFacts({
  store,
  status,
  sources,
}: Pick<OpenReceiversOptions, 'store' | 'status' | 'sources'>): HostFacts {
  return {
    app(key) {
      const app = store.desiredApp(key);
      if (app === undefined) return undefined;
      const origin = store.project(splitAppKey(key).project)?.source.origin;
      return { labels: app.spec.labels, source: origin?.source ?? null };
    },
    shows(key, reason) {
      const health = status.health(key);
      // What is not known yet is not over.
      return health === undefined || health.conditions.some((condition) => condition.reason === reason);
    },
    gitSources: () =>
      sources
        .list()
        .items.filter(({ spec }) => spec.from.kind === 'git')
        .map(({ name }) => name),
    remoteOf(name) {
      const source = sources.get(name);
      if (!source.ok || source.value.spec.from.kind !== 'git') return null;
      return source.value.spec.from.remote;
    },
  };
}
