import * as Args from '@oclif/core/args';
import * as Flags from '@oclif/core/flags';
import type { ExitCode } from '../../../lib/exit-codes.ts';
import type { RevisionDetail } from '../../../api/contract/wire/revisions.ts';
import { ImportCommand } from '../../importing/import-command.ts';
import type { OfflineApi } from '../../session/api.ts';
import { unwrap, usageError } from '../../session/failures.ts';

/** `export`: what is desired, as a file that changes nothing when it is applied. */
export default class Export extends ImportCommand {
  static override changesNothing = true;
  static override summary = 'Print what is desired of a project as an ecosystem file.';
  static override description = `Applied, the file changes nothing. Without a daemon, it is made of the state on disk.

With -o FILE, secret variables go to files of their own with mode 0600 (env_file). What is printed names those files and
holds no secret, unless --show-secrets says so.`;
  static override examples = [
    '<%= config.bin %> export',
    '<%= config.bin %> export shop -o ecosystem.yaml',
    '<%= config.bin %> export shop --show-secrets | ssh host stateward apply -f -',
  ];
  static override args = {
    project: Args.string({ description: 'Project; default: the only one.', ignoreStdin: true }),
  };
  static override flags = {
    output: Flags.string({
      char: 'o',
      description: 'File to write; - prints it.',
      default: '-',
      helpValue: 'FILE',
    }),
    force: Flags.boolean({ description: 'Replace files that are there.' }),
    'show-secrets': Flags.boolean({ description: 'Print secrets in the file itself.' }),
  };

  async run(): Promise<ExitCode> {
    const { flags, args } = await this.parseLine(Export);
    const output = this.outputOf(flags);
    if (flags['show-secrets'] && output.path !== '-') {
      throw usageError(
        '--show-secrets is for what is printed',
        'with -o FILE, secrets go to files of mode 0600',
      );
    }
    const { appsWithSecretsBeside, exportProject, projectMeant } =
      await import('../../importing/export-project.ts');
    const api = this.connectOrOffline();
    const { items } = unwrap(await api.apps({ selectors: [], spec: 'full' }));
    const project = projectMeant(args[0], items);
    const apps = items.filter((app) => app.project === project);
    const beside = appsWithSecretsBeside(apps);
    const isHidden = output.path === '-' && !flags['show-secrets'];
    const secrets = flags['show-secrets'] ? 'in-file' : isHidden ? 'hidden' : 'apart';
    const imported = exportProject(project, apps, await newestRevision(api, project), secrets);
    const named = { ...imported, root: { project } };
    return this.write(named, `Exported by stateward.`, output, {
      lines:
        isHidden && beside.length > 0
          ? [
              `secrets are redacted in ${beside.join(', ')}: -o FILE or --show-secrets gives a file that can be applied`,
            ]
          : [],
      isPrivate: beside.length > 0 || flags['show-secrets'],
    });
  }
}

/** null: it is not kept any more. */
async function newestRevision(api: OfflineApi, project: string): Promise<RevisionDetail | null> {
  const { items } = unwrap(await api.revisions({ project }));
  const [newest] = items;
  if (newest === undefined) return null;
  const detail = await api.revision({ project, revision: newest.revision });
  return detail.ok ? detail.value : null;
}
