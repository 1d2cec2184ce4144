import type { HoldInfo } from '../../../api/contract/wire/apps.ts';
import type { PlanDocument } from '../../../api/contract/wire/plan.ts';
import { groupOf } from '../../../plan/model/reasons.ts';
import type { Style } from '../text/terminal.ts';
import { escapeControls } from '../text/text.ts';

/** What no plan can change: processes that are not proven to be ours, apps that stay down, a host that cannot be seen. */
export function renderNotes(holds: readonly HoldInfo[], style: Style): string {
  return noteLines(holdNotes(holds), style);
}

/** The same, as lines. */
export function holdNotes(holds: readonly HoldInfo[]): readonly string[] {
  const blind = holds.some(isAboutRunner);
  return [
    ...(blind
      ? [
          'cannot see the processes, because the runner does not answer: counted as if everything ran that was declared',
        ]
      : []),
    ...holds
      .filter(isRemarkable)
      .map(({ key, slot, message }) => `${key}${slot === null ? '' : `:${slot}`}: ${message}`),
  ];
}

/** Apps that stay as they are though the code on disk is newer, and the command for it. */
export function codeNotes({ changes }: Pick<PlanDocument, 'changes'>): readonly string[] {
  return changes.flatMap(({ app, codeNewer }) =>
    codeNewer === undefined ? [] : [`${app}: the code on disk is newer than its processes: ${codeNewer}`],
  );
}

/** Ports that processes of the plan may not get. */
export function portNotes({ portWarnings = [] }: Pick<PlanDocument, 'portWarnings'>): readonly string[] {
  return portWarnings.map(({ app, message }) => `${app}: ${message}`);
}

export function noteLines(notes: readonly string[], style: Style): string {
  return notes.map((note) => `  ${style.yellow('!')} ${escapeControls(note, false)}\n`).join('');
}

/** Whether nothing is known of the processes. */
export function isBlind({ holds }: PlanDocument): boolean {
  return holds.some(isAboutRunner);
}

function isAboutRunner({ reason }: HoldInfo): boolean {
  return reason === 'RunnerUnreachable' || reason === 'RunnerSilent';
}

/** Whether a hold says that the plan is not the whole truth, or not what somebody wants. */
export function isRemarkable({ reason }: HoldInfo): boolean {
  return reason === 'Unverified' || reason === 'MaxRestartsExceeded' || groupOf(reason) === 'exit';
}

/** Everything that a person should know of a plan beside its changes. */
export function planRemarks(plan: PlanDocument): readonly string[] {
  return [
    ...projectNotes(plan),
    ...holdNotes(plan.holds),
    ...codeNotes(plan),
    ...portNotes(plan),
    ...againstNotes(plan),
  ];
}

/** What is to be known of the projects of a plan, each with its name. */
export function projectNotes(plan: PlanDocument): readonly string[] {
  return plan.projects.flatMap(({ project }) => notesOf(project, plan).map((note) => `${project}: ${note}`));
}

/** What is to be known of one project: also which image is made for it before anything else. */
export function notesOf(name: string, { projects, target }: PlanDocument): readonly string[] {
  const { notes = [] } = projects.find(({ project }) => project === name) ?? {};
  const images = (target?.images ?? []).filter(({ project }) => project === name);
  return [
    ...notes,
    ...images.flatMap(({ reference, state }) => {
      if (state === 'there') return [];
      const does = state === 'to push' ? 'pushes it' : 'builds and pushes it';
      return [`the image ${reference} is not in the registry: apply ${does} first`];
    }),
  ];
}

/** Of a plan against a snapshot: what it is compared with, and what it does not know. */
export function againstNotes({ against }: Pick<PlanDocument, 'against'>): readonly string[] {
  if (against === undefined) return [];
  const { host, madeAt, signature, secretsNotCompared, notes } = against;
  const secrets = Object.entries(secretsNotCompared).map(([app, paths]) => `${app} (${paths.join(', ')})`);
  const unchecked = '; its signature was not checked (--verify-key FILE does)';
  return [
    `compared with ${host} as it was at ${madeAt}${signature === 'unchecked' ? unchecked : ''}`,
    ...(secrets.length === 0 ? [] : [`secrets were not compared: ${secrets.join(', ')}`]),
    ...notes,
  ];
}
