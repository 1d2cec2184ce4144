import type { Failure } from '../../lib/failure.ts';
import { didYouMean } from '../../lib/nearest.ts';
import { failureAt, placeText, type Place, type SourceDocument } from '../read/source.ts';
import type { AppNode } from './app-nodes.ts';
import { settingOf, type Patching } from './patch.ts';

/** An app of a file that is laid over another, and that could be any of those below. */
export function nameless({ node }: AppNode, document: SourceDocument): Failure {
  const message = 'this app has no name, so that nobody knows which app below it changes';
  return failureAt(document, node.span, { code: 'CONFIG_MERGE', message, hint: 'write `name`' });
}

/** An app that says too little to be a new one, and that no file below has. */
export function nothingToChange(
  app: AppNode,
  name: string,
  { names, patching }: { readonly names: readonly string[]; readonly patching: Patching },
): Failure {
  return failureAt(patching.document, placeOfName(app), {
    code: 'CONFIG_MERGE',
    message: `no file below has an app ${JSON.stringify(name)}, and nothing says what it would run`,
    hint: didYouMean(name, names) ?? 'write `script`, to add an app',
  });
}

/** null for an app that no file below has. */
export function nothingToRemove(
  { key, node }: AppNode,
  names: readonly string[],
  { document }: Patching,
): Failure {
  const name = key?.name ?? '';
  const hint = didYouMean(name, names);
  return failureAt(document, key?.place ?? node.span, {
    code: 'CONFIG_MERGE',
    message: `null removes the app ${JSON.stringify(name)}, and no file below has it`,
    ...(hint !== undefined && { hint }),
  });
}

/** Two apps of one name in one file that is laid over others: the second one is no layer of its own. */
export function saidTwice(app: AppNode, name: string, first: AppNode, { document }: Patching): Failure {
  return failureAt(document, placeOfName(app), {
    code: 'CONFIG_DUPLICATE_APP',
    message: `two apps of this file are called ${JSON.stringify(name)}`,
    hint: 'write what they say into one',
    details: [`first at ${placeText(document, placeOfName(first))}`],
  });
}

function placeOfName({ key, node }: AppNode): Place {
  return (node.kind === 'map' ? settingOf(node, 'name')?.value.span : null) ?? key?.place ?? node.span;
}
