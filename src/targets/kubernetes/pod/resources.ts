import type { AppSpec } from '../../../spec/types.ts';
import { error, warning, type Finding } from '../../model/rendered.ts';

/** `resources` of a container; absent where nothing is declared. */
export function containerResources({
  limits,
  max_memory_restart,
}: AppSpec): Readonly<Record<string, unknown>> {
  const memory = limits?.memory ?? max_memory_restart;
  const bounds = {
    ...(limits?.cpu != null && { cpu: `${Math.ceil(limits.cpu * 1000)}m` }),
    ...(memory !== null && { memory: String(memory) }),
  };
  return Object.keys(bounds).length === 0 ? {} : { resources: { limits: bounds } };
}

/** Whom a container runs as; absent where nothing is declared. */
export function securityContext({ uid, gid }: AppSpec): Readonly<Record<string, unknown>> {
  const ids = {
    ...(typeof uid === 'number' && { runAsUser: uid }),
    ...(typeof gid === 'number' && { runAsGroup: gid }),
  };
  return Object.keys(ids).length === 0 ? {} : { securityContext: ids };
}

export function resourceFindings(spec: AppSpec): readonly Finding[] {
  const tuning = (['nice', 'ionice', 'oom_score_adj', 'rlimits', 'cpu_affinity'] as const).filter(
    (field) => spec[field] !== null,
  );
  const names = (['uid', 'gid'] as const).filter((field) => typeof spec[field] === 'string');
  return [
    ...tuning.map((field) => warning(field, 'has no effect there')),
    ...names.map((field) =>
      error(field, 'has to be a number there', 'a name means nothing outside of the image'),
    ),
    ...(spec.umask === undefined ? [] : [error('umask', 'cannot be set there', 'set it in the program')]),
    ...(spec.limits?.pids == null ? [] : [warning('limits.pids', 'is a setting of the node there')]),
    ...(spec.max_memory_restart === null
      ? []
      : [
          warning(
            'max_memory_restart',
            spec.limits?.memory == null
              ? 'becomes a limit there, at which the kernel kills the app without a warning'
              : 'has no effect there beside limits.memory',
            'leave room above it, and tell Node with --max-old-space-size',
          ),
        ]),
  ];
}
