import { plainYaml } from './plain-yaml.ts';

/** `-o yaml`. The library is loaded only for what needs it, so that a command that prints little does not pay for it. */
export async function renderYaml(value: unknown): Promise<string> {
  const plain = plainYaml(value);
  if (plain !== null) return plain;
  const { Document, visit } = await import('yaml');
  const document = new Document(value, { aliasDuplicateObjects: false });
  visit(document, {
    // As a block, the blanks of such a text would be taken for its indentation.
    Scalar: (_, node) => {
      if (typeof node.value === 'string' && /^\s*\n\s*$/.test(node.value)) node.type = 'QUOTE_DOUBLE';
    },
  });
  return document.toString({ lineWidth: 0 });
}
