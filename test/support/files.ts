import { readFile } from 'node:fs/promises';
import { eventually } from './eventually.ts';

/** Waits until `accept` likes what is in the file; gives the content. */
export function fileContent(path: string, accept: (content: Buffer) => boolean): Promise<Buffer> {
  return eventually(async () => {
    const content = await readFile(path).catch(() => undefined);
    return content !== undefined && accept(content) ? content : undefined;
  });
}

/** Waits for a text in a file; gives the whole content. */
export async function fileText(path: string, part: string): Promise<string> {
  return (await fileContent(path, (content) => content.includes(part))).toString();
}
