import type { ApplyRequest } from '../../src/api/contract/wire/apply.ts';
import { appSpec, projectSpec } from '../state/specs.ts';

/** A request that is whole, with probes and the like, so that every check is passed through. */
export function applyRequest(fields: Partial<ApplyRequest> = {}): ApplyRequest {
  const probe = { period: 1, timeout: 1, initial_delay: 0, success_threshold: 1, failure_threshold: 3 };
  return {
    projects: [
      projectSpec('shop', [
        appSpec({
          name: 'api',
          env: { PORT: '3000' },
          labels: { team: 'a' },
          uid: 'www',
          gid: 33,
          watch: ['src'],
          stop_exit_codes: [0],
          readiness: { ...probe, http: { port: 3000, path: '/', host: 'localhost', status: 200 } },
          liveness: { ...probe, tcp: { port: 3000, host: 'localhost' } },
          startup: { ...probe, exec: { command: ['true'] } },
          heartbeat: { interval: 10, misses: 3 },
          depends_on: { db: 'ready' },
          log_rotate: { size: 1, keep: 5, interval: null, compress: false, max_age: null, max_total: null },
        }),
        appSpec({ name: 'db' }),
      ]),
    ],
    prune: true,
    only: null,
    allowWipe: false,
    basis: {
      fingerprint: 'f',
      desiredHash: 'd',
      apps: [{ app: 'shop/api', generation: 1, restartGeneration: 0, processes: ['0:n1'] }],
    },
    by: 'ann',
    command: 'apply -f ecosystem.yaml',
    commits: { shop: '1a2b3c4d'.repeat(5) },
    ...fields,
  };
}
