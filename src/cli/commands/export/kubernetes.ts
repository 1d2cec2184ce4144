import * as Flags from '@oclif/core/flags';
import { EXIT } from '../../../lib/exit-codes.ts';
import type { ExitCode } from '../../../lib/exit-codes.ts';
import { ExportTarget, exportFlags, outputFileFlag } from '../../targets/export-target.ts';
import { imageFlags } from '../../targets/image.ts';
import { renderYaml } from '../../views/yaml.ts';
import { renderJson } from '../../views/json.ts';

/** `export kubernetes`: the file as objects of Kubernetes. Needs neither a daemon nor a cluster. */
export default class ExportKubernetes extends ExportTarget {
  static override summary = 'Print ecosystem files as objects of Kubernetes.';
  static override description = `What cannot mean the same there is an error with its place in the file, what means something else is a warning.

Secrets are never printed: the objects refer to Secrets by name, and which those are is said.`;
  static override examples = [
    '<%= config.bin %> export kubernetes --namespace shop --image registry.example.com/shop:2.4.1',
    '<%= config.bin %> export kubernetes --strict | kubectl apply --server-side -f -',
  ];
  static override flags = {
    ...exportFlags,
    namespace: Flags.string({
      description: 'Namespace of every object; default: targets.kubernetes.namespace of the file.',
      helpValue: 'NAME',
    }),
    ...imageFlags,
    format: Flags.string({
      description: 'How objects are printed.',
      options: ['yaml', 'json'],
      default: 'yaml',
    }),
    ...outputFileFlag,
  };

  async run(): Promise<ExitCode> {
    const { flags } = await this.parseLine(ExportKubernetes);
    const documents = await this.documents(flags);
    const { kubernetesProjects } = await import('../../targets/kubernetes-projects.ts');
    const { renderKubernetes } = await import('../../../targets/kubernetes/render.ts');
    const projects = kubernetesProjects(documents, flags, this.context.cwd);
    const { objects, diagnostics, secrets } = renderKubernetes(projects);
    await this.settle(diagnostics, documents, flags.strict);
    const text =
      flags.format === 'json'
        ? renderJson({ apiVersion: 'v1', kind: 'List', items: objects })
        : await yamlDocuments(objects);
    this.give(text, flags.output);
    for (const { name, keys } of secrets) {
      this.note(`the Secret ${name} has to be there, with ${keys.join(', ')}`);
    }
    return EXIT.OK;
  }
}

/** Documents of one stream, for `kubectl apply -f`. */
async function yamlDocuments(objects: readonly unknown[]): Promise<string> {
  const texts = await Promise.all(objects.map(renderYaml));
  return texts.map((text) => `---\n${text}`).join('');
}
