import * as Args from '@oclif/core/args';
import * as Flags from '@oclif/core/flags';
import { splitAppKey } from '../../../lib/app-key.ts';
import type { ExitCode } from '../../../lib/exit-codes.ts';
import type { OfflineApi } from '../../session/api.ts';
import { ApplyCommand, applyFlags } from '../base/apply-command.ts';
import { applyRequest } from '../../declare/applying.ts';
import { WAIT_EXITS, targetFlag } from '../base/flags.ts';
import { subjectName } from '../../revisions/revision-subject.ts';
import { projectMeant, subjectNamed } from '../../revisions/subject-named.ts';
import type { RevisionSubject } from '../../revisions/revision-subject.ts';
import { rollbackTarget } from '../../revisions/rollback-target.ts';
import type { RollbackTarget } from '../../revisions/rollback-target.ts';

/** `rollback`: applies what a kept revision declared, as any other apply: with a plan, a rollout and a new revision. */
export default class Rollback extends ApplyCommand {
  static override summary = 'Go back to what an earlier revision declared.';
  static override description =
    'Goes back for a project, or for one app. Without --to it takes the newest revision before the present one that ' +
    'declares something else and whose rollout neither failed nor was superseded. It is applied like any other ' +
    'declaration, so it has a plan, a rollout, and a revision of its own. The ecosystem file stays as it is: the next ' +
    `apply of it goes forward again.\n\n${WAIT_EXITS}`;
  static override examples = [
    '<%= config.bin %> rollback shop/web',
    '<%= config.bin %> rollback shop --to 41 --dry-run',
  ];
  static override args = {
    'project|app': Args.string({
      description:
        'Project, app, project/app, or project/ for a project named as an app; default: the only project.',
      ignoreStdin: true,
    }),
  };
  static override flags = {
    to: Flags.integer({
      description: 'The revision to go back to; stateward history lists them.',
      helpValue: 'N',
      min: 1,
    }),
    ...applyFlags,
    ...targetFlag,
  };

  async run(): Promise<ExitCode> {
    const { flags, args } = await this.parseLine(Rollback);
    this.checkConfirm(flags);
    const api = this.connectQuietly();
    const subject = await this.#subject(args[0], api);
    const target = await rollbackTarget(subject, flags.to, api);
    const { project, app } = subject;
    const { from, to } = target;
    // Written out in full, the history says what was done and not only what was typed.
    const request = applyRequest([to.spec], `rollback ${app ?? project} --to ${to.revision}`, {
      only: app === null ? null : [splitAppKey(app).name],
      allowWipe: flags['allow-wipe'],
      keepOrigin: true,
      code: 'leave',
    });
    this.note(goingBack(subject, target));
    return this.applyAsFlagged(
      request,
      flags,
      () => `stateward rollback ${app ?? project} --to ${from.revision}`,
      to.revision,
    );
  }

  async #subject(given: string | undefined, api: OfflineApi): Promise<RevisionSubject> {
    const named = { api, context: this.context, note: (line: string) => this.note(line) };
    return given === undefined ? projectMeant(named) : subjectNamed(given, named);
  }
}

function goingBack(subject: RevisionSubject, { from, to }: RollbackTarget): string {
  const by = to.command === '' ? '' : ` (${to.command} by ${to.by}, ${to.at})`;
  const files = to.spec.source.files.filter((file) => file !== '-');
  const still =
    files.length === 0
      ? ''
      : `\n${files.join(', ')} is left as it is: the next apply of it goes forward again`;
  return `${subjectName(subject)}: revision ${from.revision} → what revision ${to.revision} declared${by}${still}`;
}
