import * as Flags from '@oclif/core/flags';
import { EXIT, type ExitCode } from '../../../lib/exit-codes.ts';
import { declaredProjects } from '../../targets/declared-projects.ts';
import { ExportTarget, exportFlags } from '../../targets/export-target.ts';
import { checkFolder, checkImage, folderFlag, imageFlags } from '../../targets/image.ts';

/** `export nomad`: the file as jobs of Nomad. */
export default class ExportNomad extends ExportTarget {
  static override summary = 'Print ecosystem files as jobs of Nomad.';
  static override description = `A job for each app, as JSON: in a container where there is an image, else as a process of the node.
What cannot mean the same there is an error with its place in the file, what means something else is a warning.

Secrets are never printed: the jobs read them from variables of Nomad, and which those are is said.`;
  static override examples = [
    '<%= config.bin %> export nomad --image registry.example.com/shop:2.4.1 -o jobs',
    'for job in jobs/*.json; do nomad job run -json "$job"; done',
  ];
  static override flags = {
    ...exportFlags,
    ...imageFlags,
    ...folderFlag,
    node: Flags.string({
      description: 'Path of Node on the nodes, for apps without an image; default: that of this host.',
      helpValue: 'PATH',
    }),
    output: Flags.string({
      char: 'o',
      description: 'Folder to write a file for each job to; - prints them, one a line.',
      default: '-',
      helpValue: 'DIR',
    }),
  };

  async run(): Promise<ExitCode> {
    const { flags } = await this.parseLine(ExportNomad);
    checkImage(flags.image);
    checkFolder(flags.folder);
    const documents = await this.documents(flags);
    const { renderNomad } = await import('../../../targets/nomad/render.ts');
    const around = { image: flags.image ?? null, folder: flags.folder, node: flags.node ?? process.execPath };
    const { objects, diagnostics, secrets } = renderNomad(
      declaredProjects(documents, this.context.cwd).map((project) => ({ ...project, ...around })),
    );
    await this.settle(diagnostics, documents, flags.strict);
    if (flags.output === '-') this.print(objects.map((job) => `${JSON.stringify({ Job: job })}\n`).join(''));
    else {
      const files = objects.map((job) => ({
        name: `${job.ID}.json`,
        text: `${JSON.stringify({ Job: job }, null, 2)}\n`,
      }));
      this.giveFiles(files, flags.output);
    }
    for (const { path, keys } of secrets)
      this.note(`the variable ${path} has to be there, with ${keys.join(', ')}`);
    return EXIT.OK;
  }
}
