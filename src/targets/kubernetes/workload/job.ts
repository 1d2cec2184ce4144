import { createHash } from 'node:crypto';
import { templateHash } from '../../../spec/hash.ts';
import { error, warning, type Finding } from '../../model/rendered.ts';
import { cronJobSchedule } from './cron.ts';
import type { KubernetesObject } from '../objects.ts';
import { workloadMeta } from './metadata.ts';
import { podTemplate } from '../pod/pod.ts';
import type { KubernetesApp } from '../settings.ts';

/** Of a CronJob that is not to make up for what it has missed: later than this, a run is left out. */
const LATE_SECONDS = 60;
const INDEX_FIELD = "metadata.annotations['batch.kubernetes.io/job-completion-index']";
const HASH_LENGTH = 8;

/** An app that starts at times. */
export function cronJob(app: KubernetesApp): KubernetesObject {
  const { schedule, cron_timezone, cron_catch_up, concurrency, autostart } = app.spec;
  return {
    apiVersion: 'batch/v1',
    kind: 'CronJob',
    metadata: workloadMeta(app),
    spec: {
      schedule: cronJobSchedule(schedule ?? '') ?? '',
      ...(cron_timezone !== null && { timeZone: cron_timezone }),
      concurrencyPolicy: { forbid: 'Forbid', replace: 'Replace', allow: 'Allow' }[concurrency],
      ...(!cron_catch_up && { startingDeadlineSeconds: LATE_SECONDS }),
      ...(!autostart && { suspend: true }),
      jobTemplate: { spec: jobSpec(app) },
    },
  };
}

/** An app that does its work once: another release is another Job, since none can be changed. */
export function job(app: KubernetesApp): KubernetesObject {
  const meta = workloadMeta(app);
  return {
    apiVersion: 'batch/v1',
    kind: 'Job',
    metadata: { ...meta, name: `${app.name}-${releaseHash(app)}` },
    spec: { ...jobSpec(app), ...(!app.spec.autostart && { suspend: true }) },
  };
}

function jobSpec(app: KubernetesApp): Readonly<Record<string, unknown>> {
  const { instances } = app.spec;
  const several = { parallelism: instances, completions: instances, completionMode: 'Indexed' };
  const template = podTemplate(app, {
    restartPolicy: 'Never',
    ...(instances > 1 && { slotField: INDEX_FIELD }),
  });
  return { backoffLimit: 0, ...(instances > 1 && several), template };
}

/** Differs when the app has to do its work again: its own template and image, and those that wait for each release. */
function releaseHash({ spec, releases, settings }: KubernetesApp): string {
  const parts = [spec, ...releases].map((one) => `${templateHash(one)} ${one.image ?? settings.image ?? ''}`);
  return createHash('sha256').update(parts.join('\n')).digest('hex').slice(0, HASH_LENGTH);
}

export function jobFindings({ spec }: KubernetesApp): readonly Finding[] {
  const { schedule, cron_timezone, success_exit_codes, stop_exit_codes } = spec;
  const isJob = schedule !== null || !spec.autorestart;
  const good = success_exit_codes.join() === '0';
  return [
    ...(schedule !== null && cronJobSchedule(schedule) === null
      ? [
          error(
            'schedule',
            'a CronJob cannot say that',
            'use five fields of numbers, names, ranges, lists and steps',
          ),
        ]
      : []),
    ...(schedule !== null && cron_timezone === null
      ? [warning('cron_timezone', 'without one, the time of the cluster counts, which is UTC as a rule')]
      : []),
    ...(isJob && !good
      ? [error('success_exit_codes', '0 alone is good there', 'have the program end with 0')]
      : []),
    ...(!isJob && stop_exit_codes.length > 0
      ? [error('stop_exit_codes', 'a pod is started again whatever it ends with')]
      : []),
    ...(!isJob && !good ? [warning('success_exit_codes', 'has no effect there')] : []),
  ];
}
