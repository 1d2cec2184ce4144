import { dirname, resolve } from 'node:path';
import type { LoadedDocument } from '../../config/load-document.ts';
import { FailureError } from '../../lib/failure.ts';
import type { ClusterPlace } from '../../targets/kubernetes/cluster/refusals.ts';
import { usageError } from '../session/failures.ts';

/** The one cluster and namespace that these files name. Throws where one is missing, or where there are several. */
export function clusterPlace(documents: readonly LoadedDocument[], cwd: string): ClusterPlace {
  const places = documents.map((document) => placeOf(document, cwd));
  const [first] = places;
  if (first === undefined) throw new Error('no file was read, and none was missed');
  const { context, namespace, kubeconfig } = Object.assign({}, ...places) as Partial<ClusterPlace>;
  const missing = [
    context === undefined ? 'context: NAME' : '',
    namespace === undefined ? 'namespace: NAME' : '',
  ]
    .filter((line) => line !== '')
    .join(', ');
  if (context === undefined || namespace === undefined) {
    const what = context === undefined ? 'which cluster is meant' : 'which namespace is meant';
    throw new FailureError({
      code: 'CONFIG_MISSING_KEY',
      message: `nothing says ${what}, and the current context of kubectl is never taken for it`,
      hint: `write targets: { kubernetes: { ${missing} } }; kubectl config get-contexts lists contexts`,
      ...(documents[0] !== undefined && { position: { file: documents[0].found.shown } }),
    });
  }
  const other = places.find(
    (place) => (place.context ?? context) !== context || (place.namespace ?? namespace) !== namespace,
  );
  if (other !== undefined) {
    throw usageError(
      `these files are for several places: ${context}/${namespace} and ${other.context ?? context}/${other.namespace ?? namespace}`,
      'one command is about one cluster and one namespace: name fewer files',
    );
  }
  return { context, namespace, kubeconfig: kubeconfig ?? null };
}

function placeOf({ found, file }: LoadedDocument, cwd: string): Partial<ClusterPlace> {
  const { context, namespace, kubeconfig } = file.targets.kubernetes ?? {};
  const folder = found.path === '-' ? cwd : dirname(found.path);
  return {
    ...(context !== undefined && { context }),
    ...(namespace !== undefined && { namespace }),
    ...(kubeconfig !== undefined && { kubeconfig: resolve(folder, kubeconfig) }),
  };
}
