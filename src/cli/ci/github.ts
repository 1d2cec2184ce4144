import { appendFileSync } from 'node:fs';
import { FailureError } from '../../lib/failure.ts';
import { errorMessage } from '../../lib/system-error.ts';
import type { CliContext } from '../session/context.ts';
import type { AnnotationFolders } from './annotations.ts';

type Environment = CliContext['env'];

/** Whether a job of GitHub Actions (or of a runner that acts like it) runs this. */
export function isGithubJob(env: Environment): boolean {
  return env['GITHUB_ACTIONS'] === 'true';
}

/** Where paths of annotations start, in this job. */
export function annotationFolders({ env, cwd }: Pick<CliContext, 'env' | 'cwd'>): AnnotationFolders {
  return { workspace: env['GITHUB_WORKSPACE'], cwd };
}

/** What a command adds to the files that a job has for it; a file that is not named in the environment is left out. */
export interface JobReport {
  /** Markdown, for the page of the run. */
  readonly summary: string;
  /** Values for later steps; one line each. */
  readonly outputs: Readonly<Record<string, string>>;
}

/** Throws when a file that the environment names cannot be written: a later step would read nothing from it. */
export function reportToJob({ summary, outputs }: JobReport, env: Environment): void {
  const lines = Object.entries(outputs).map(([name, value]) => `${name}=${value}\n`);
  append('GITHUB_STEP_SUMMARY', `${summary}\n`, env);
  append('GITHUB_OUTPUT', lines.join(''), env);
}

function append(name: string, text: string, env: Environment): void {
  const path = env[name];
  if (path === undefined || path === '') return;
  try {
    appendFileSync(path, text);
  } catch (error) {
    throw new FailureError({
      code: 'USAGE',
      message: `cannot write to the file of ${name}: ${errorMessage(error)}`,
      hint: `${name} is set by the runner of the job; without it, nothing is written`,
    });
  }
}
