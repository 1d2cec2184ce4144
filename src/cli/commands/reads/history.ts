import * as Args from '@oclif/core/args';
import * as Flags from '@oclif/core/flags';
import { isFilter } from '../../../api/contract/selector-filters.ts';
import type { RevisionInfo, RevisionList } from '../../../api/contract/wire/revisions.ts';
import { EXIT } from '../../../lib/exit-codes.ts';
import type { ExitCode } from '../../../lib/exit-codes.ts';
import { selectionFlags } from '../base/flags.ts';
import { BaseCommand } from '../base/base-command.ts';
import { outputFlag } from '../base/output-format.ts';
import { selectedRevisions, subjectName, subjectRevisions } from '../../revisions/revision-subject.ts';
import { subjectNamed } from '../../revisions/subject-named.ts';
import type { RevisionSubject } from '../../revisions/revision-subject.ts';
import { revisionAmong } from '../../revisions/revisions.ts';
import { renderHistory, renderRevision } from '../../views/apps/history.ts';
import { renderJson } from '../../views/json.ts';

/** `history`: the accepted revisions of a project, newest first; of an app only those that changed it. */
export default class History extends BaseCommand {
  static override changesNothing = true;
  static override summary =
    'List the accepted revisions of a project or an app, newest first, and what came of them.';
  static override description =
    'The last 20 revisions of a project are kept, or as many as limits.revisions in config.yaml says. stateward rollback goes back to one; stateward diff --revision compares two.';
  static override examples = [
    '<%= config.bin %> history shop',
    '<%= config.bin %> history shop/web',
    '<%= config.bin %> history shop --revision 41',
  ];
  static override args = {
    'project|app': Args.string({
      description:
        'Project, app, project/app, or project/ for a project named as an app; default: every project.',
      ignoreStdin: true,
    }),
  };
  static override flags = {
    ...selectionFlags,
    revision: Flags.integer({ description: 'Everything about this revision.', helpValue: 'N', min: 1 }),
    output: outputFlag(['table', 'wide', 'json']),
  };

  async run(): Promise<ExitCode> {
    const { flags, args } = await this.parseLine(History);
    const api = this.connect();
    const isFiltered = args.some(isFilter);
    const [named] = args;
    const subject =
      named === undefined || isFiltered
        ? null
        : await subjectNamed(named, {
            api,
            context: this.context,
            note: (line) => this.note(line),
          });
    const found = isFiltered ? await selectedRevisions(args, api) : await subjectRevisions(subject, api);
    const items = flags.revision === undefined ? found : revisionsNumbered(found, flags.revision, subject);
    if (flags.output === 'json') {
      const list: RevisionList = { apiVersion: 'v1', kind: 'RevisionList', items };
      this.print(renderJson(list));
      return EXIT.OK;
    }
    const app = subject?.app ?? null;
    const wide = flags.output === 'wide';
    const options = { style: this.outStyle, nowMs: this.context.clock.now(), wide, app };
    if (flags.revision === undefined) {
      this.print(renderHistory(items, options));
      if (items.length === 0) this.note('no revisions');
    } else this.print(items.map((revision) => renderRevision(revision, options)).join('\n'));
    return EXIT.OK;
  }
}

/** The revision of this number of every project that has one. */
function revisionsNumbered(
  found: readonly RevisionInfo[],
  number: number,
  subject: RevisionSubject | null,
): readonly RevisionInfo[] {
  const same = found.filter(({ revision }) => revision === number);
  const name = subject === null ? 'any project' : subjectName(subject);
  return same.length > 0 ? same : [revisionAmong(found, number, name)];
}
