import type { Failure } from '../../lib/failure.ts';
import type { CliContext } from '../session/context.ts';
import { annotationFolders, isGithubJob } from './github.ts';
import { failureAnnotations, renderAnnotations, type AnnotationLevel } from './annotations.ts';

/**
 * Says failures beside the lines that they are about: all of them on stdout where that was asked for (`-o github`), else on
 * stderr those about a file, and only in a job of GitHub. It reads both streams.
 */
export function annotate(
  failures: readonly Failure[],
  level: AnnotationLevel,
  context: CliContext,
  isAsked = false,
): void {
  const shown = isAsked ? failures : failures.filter(({ position }) => position !== undefined);
  if (shown.length === 0 || !(isAsked || isGithubJob(context.env))) return;
  const lines = renderAnnotations(failureAnnotations(shown, level), annotationFolders(context));
  (isAsked ? context.streams.stdout : context.streams.stderr).write(lines);
}
