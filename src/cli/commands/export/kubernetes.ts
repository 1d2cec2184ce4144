import * as Flags from '@oclif/core/flags';
import { EXIT } from '../../../lib/exit-codes.ts';
import type { ExitCode } from '../../../lib/exit-codes.ts';
import { FailureError } from '../../../lib/failure.ts';
import { readDocumentsDeclared } from '../../declare/project-files.ts';
import { writeOutput } from '../../views/write-output.ts';
import { variantsOf } from '../../variants/variants.ts';
import { renderJson } from '../../views/json.ts';
import { BaseCommand } from '../base/base-command.ts';
import { fileFlags } from '../base/flags.ts';

/** `export kubernetes`: the file as objects of Kubernetes. Needs neither a daemon nor a cluster. */
export default class ExportKubernetes extends BaseCommand {
  static override changesNothing = true;
  static override summary = 'Print ecosystem files as objects of Kubernetes.';
  static override description = `What cannot mean the same there is an error with its place in the file, what means something else is a warning.

Secrets are never printed: the objects refer to Secrets by name, and which those are is said.`;
  static override examples = [
    '<%= config.bin %> export kubernetes --namespace shop --image registry.example.com/shop:2.4.1',
    '<%= config.bin %> export kubernetes --strict | kubectl apply --server-side -f -',
  ];
  static override flags = {
    ...fileFlags,
    namespace: Flags.string({
      description: 'Namespace of every object; default: targets.kubernetes.namespace of the file.',
      helpValue: 'NAME',
    }),
    image: Flags.string({ description: 'Image of the apps that name none themselves.', helpValue: 'IMAGE' }),
    strict: Flags.boolean({ description: 'Refuse what would mean something else there too.' }),
    format: Flags.string({
      description: 'How objects are printed.',
      options: ['yaml', 'json'],
      default: 'yaml',
    }),
    output: Flags.string({
      char: 'o',
      description: 'File to write; - prints it.',
      default: '-',
      helpValue: 'FILE',
    }),
  };

  async run(): Promise<ExitCode> {
    const { flags } = await this.parseLine(ExportKubernetes);
    const documents = await readDocumentsDeclared(flags.file, flags.env, this.context, {
      ...variantsOf(flags, flags.file),
      hostChecks: 'skip',
    });
    const { kubernetesProjects } = await import('../../targets/kubernetes-projects.ts');
    const { diagnosticFailures } = await import('../../targets/diagnostics.ts');
    const { renderKubernetes } = await import('../../../targets/kubernetes/render.ts');
    const projects = kubernetesProjects(documents, flags, this.context.cwd);
    const { objects, diagnostics, secrets } = renderKubernetes(projects);
    const isError = ({ severity }: (typeof diagnostics)[number]): boolean =>
      flags.strict || severity === 'error';
    const [first, ...more] = diagnosticFailures(diagnostics.filter(isError), documents);
    this.printWarnings(
      diagnosticFailures(
        diagnostics.filter((diagnostic) => !isError(diagnostic)),
        documents,
      ),
    );
    if (first !== undefined) throw new FailureError(first, ...more);
    const text =
      flags.format === 'json'
        ? renderJson({ apiVersion: 'v1', kind: 'List', items: objects })
        : await yamlDocuments(objects);
    if (flags.output === '-') this.print(text);
    else {
      writeOutput(text, flags.output, this.context.cwd);
      this.note(`wrote ${flags.output}`);
    }
    for (const { name, keys } of secrets) {
      this.note(`the Secret ${name} has to be there, with ${keys.join(', ')}`);
    }
    return EXIT.OK;
  }
}

/** Documents of one stream, for `kubectl apply -f`. */
async function yamlDocuments(objects: readonly unknown[]): Promise<string> {
  const { stringify } = await import('yaml');
  return objects
    .map((object) => `---\n${stringify(object, { lineWidth: 0, aliasDuplicateObjects: false })}`)
    .join('');
}
