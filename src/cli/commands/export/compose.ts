import { EXIT, type ExitCode } from '../../../lib/exit-codes.ts';
import { usageError } from '../../session/failures.ts';
import { declaredProjects } from '../../targets/declared-projects.ts';
import { ExportTarget, exportFlags, outputFileFlag } from '../../targets/export-target.ts';
import { renderYaml } from '../../views/yaml.ts';
import { checkFolder, checkImage, folderFlag, imageFlags } from '../../targets/image.ts';

/** `export compose`: the file as one of Docker Compose. */
export default class ExportCompose extends ExportTarget {
  static override summary = 'Print an ecosystem file as a Compose file.';
  static override description = `Each app is a service, in an image that is named or built from the folder of the file.
What cannot mean the same there is an error with its place in the file, what means something else is a warning.

Secrets are never printed: Compose takes them from its own environment or from .env, and which those are is said.`;
  static override examples = [
    '<%= config.bin %> export compose --image registry.example.com/shop:2.4.1 -o compose.yaml',
    '<%= config.bin %> export compose --strict | docker compose -f - up',
  ];
  static override flags = {
    ...exportFlags,
    ...imageFlags,
    ...folderFlag,
    ...outputFileFlag,
  };

  async run(): Promise<ExitCode> {
    const { flags } = await this.parseLine(ExportCompose);
    checkImage(flags.image);
    checkFolder(flags.folder);
    const documents = await this.documents(flags);
    const [project, another] = declaredProjects(documents, this.context.cwd);
    if (project === undefined || another !== undefined) {
      throw usageError(
        `a Compose file is one project, and these are ${[project, another].map((one) => one?.project ?? '').join(', ')}`,
        'export them one by one, with -f FILE',
      );
    }
    const { renderCompose } = await import('../../../targets/compose/render.ts');
    const { objects, diagnostics, secrets } = renderCompose({
      ...project,
      image: flags.image ?? null,
      folder: flags.folder,
    });
    await this.settle(diagnostics, documents, flags.strict);
    const texts = await Promise.all(objects.map(renderYaml));
    this.give(texts.join(''), flags.output);
    if (secrets.length > 0) this.note(`Compose has to be given ${secrets.join(', ')}`);
    return EXIT.OK;
  }
}
