import fc from 'fast-check';
import { parse } from 'yaml';
import { expect, it } from 'vitest';
import { renderYaml } from '../../../src/cli/views/yaml.ts';

it('is read again as it was, whatever blanks and signs a text has', async () => {
  const text = fc.string({ unit: fc.constantFrom(...Array.from(' \n\ta#:-"\'|>$')), maxLength: 8 });
  const value = fc.record({ text, list: fc.array(text, { maxLength: 3 }) });
  await fc.assert(
    fc.asyncProperty(value, async (given) => {
      expect(parse(await renderYaml(given))).toEqual(given);
    }),
    { numRuns: 1000, examples: [[{ text: ' \n', list: ['  \n\n'] }]] },
  );
});
