import { isAbsolute, relative, resolve } from 'node:path';
import type { Failure, SourcePosition } from '../../lib/failure.ts';
import { redactFailure } from '../../spec/secrets/redact-failure.ts';
import { escapeControls } from '../views/text/text.ts';

/** How GitHub shows an annotation. */
export type AnnotationLevel = 'error' | 'warning' | 'notice';

/** One remark on a place of a file, as a check of GitHub shows it beside the line. */
export interface Annotation {
  readonly level: AnnotationLevel;
  readonly title: string;
  /** May have several lines. */
  readonly message: string;
  /** Absent: it is about no file. */
  readonly position?: SourcePosition;
}

/** Where paths of annotations start: GitHub knows files by their path in the repository. */
export interface AnnotationFolders {
  /** GITHUB_WORKSPACE; undefined: paths stay as they are. */
  readonly workspace: string | undefined;
  /** What relative paths of failures are relative to. */
  readonly cwd: string;
}

/** GitHub reads a line up to here; a longer message is cut. */
const MAX_MESSAGE = 4_000;

/** `::error file=ecosystem.yaml,line=3,col=5,title=…::…`, a line each. */
export function renderAnnotations(annotations: readonly Annotation[], folders: AnnotationFolders): string {
  return annotations.map((annotation) => `${annotationLine(annotation, folders)}\n`).join('');
}

function annotationLine({ level, title, message, position }: Annotation, folders: AnnotationFolders): string {
  const properties = [
    ...(position === undefined ? [] : placeOf(position, folders)),
    ['title', escapeControls(title, false)] as const,
  ].map(([name, value]) => `${name}=${escapeProperty(value)}`);
  // Line breaks are the message's own; nothing else that a terminal acts on may be in it.
  const shown = message
    .slice(0, MAX_MESSAGE)
    .split('\n')
    .map((line) => escapeControls(line, false))
    .join('\n');
  return `::${level} ${properties.join(',')}::${escapeData(shown)}`;
}

function placeOf(
  { file, line, column }: SourcePosition,
  folders: AnnotationFolders,
): readonly (readonly [string, string])[] {
  return [
    ['file', pathInRepository(file, folders)],
    ...(line === undefined ? [] : [['line', String(line)] as const]),
    ...(line === undefined || column === undefined ? [] : [['col', String(column)] as const]),
  ];
}

function pathInRepository(file: string, { workspace, cwd }: AnnotationFolders): string {
  if (workspace === undefined || workspace === '') return file;
  const path = relative(workspace, resolve(cwd, file));
  return path.startsWith('..') || isAbsolute(path) ? file : path;
}

/** The text behind `::`: a line break would end the command. */
export function escapeData(text: string): string {
  return text.replaceAll('%', '%25').replaceAll('\r', '%0D').replaceAll('\n', '%0A');
}

/** The value of a property: a comma would end it, a colon all of them. */
export function escapeProperty(text: string): string {
  return escapeData(text).replaceAll(':', '%3A').replaceAll(',', '%2C');
}

/** Failures or warnings, with their details and the way out. */
export function failureAnnotations(
  failures: readonly Failure[],
  level: AnnotationLevel,
): readonly Annotation[] {
  return failures.map(redactFailure).map(({ code, message, hint, position, details = [] }) => ({
    level,
    title: `stateward: ${code}`,
    message: [message, ...details, ...(hint === undefined ? [] : [`help: ${hint}`])].join('\n'),
    ...(position !== undefined && { position }),
  }));
}
