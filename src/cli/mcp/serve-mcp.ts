import { McpServer } from '@modelcontextprotocol/sdk/server/mcp.js';
import { StdioServerTransport } from '@modelcontextprotocol/sdk/server/stdio.js';
import { errorMessage } from '../../lib/system-error.ts';
import { changeTools, type ChangeOptions } from './change-tools.ts';
import { readTools } from './read-tools.ts';
import type { Tool, ToolAnswer } from './tool.ts';

/** More than this of one answer is cut: a client reads it whole. */
const MOST_CHARACTERS = 60_000;

const INSTRUCTIONS =
  'stateward keeps the processes of this host in the state that an ecosystem file declares. Begin with get_apps and why. ' +
  'A change is planned first, which changes nothing, and then carried out by the token of its plan.';

/** Answers a client of the Model Context Protocol on standard input and output until it goes. */
export async function serveMcp({
  version,
  ...options
}: ChangeOptions & { readonly version: string }): Promise<void> {
  const server = new McpServer(
    { name: 'stateward', title: 'stateward', version },
    { instructions: INSTRUCTIONS },
  );
  for (const tool of [...readTools(options.run), ...changeTools(options)]) register(server, tool);
  const gone = new Promise<void>((resolve) => {
    process.stdin.once('end', resolve).once('close', resolve);
  });
  await server.connect(new StdioServerTransport());
  await gone;
  await server.close();
}

function register(server: McpServer, tool: Tool): void {
  const { name, title, description, changes, input } = tool;
  const annotations = { readOnlyHint: !changes, destructiveHint: changes, openWorldHint: false };
  server.registerTool(name, { title, description, inputSchema: input, annotations }, async (given) =>
    resultOf(await called(tool, given)),
  );
}

async function called(tool: Tool, input: unknown): Promise<ToolAnswer> {
  try {
    return await tool.call(input);
  } catch (error) {
    return { text: errorMessage(error), isError: true };
  }
}

function resultOf({ text, data, isError }: ToolAnswer) {
  const rest = text.length - MOST_CHARACTERS;
  const shown =
    rest > 0 ? `${text.slice(0, MOST_CHARACTERS)}\n… ${rest} characters more: ask for less` : text;
  return {
    content: [{ type: 'text' as const, text: shown }],
    ...(data !== undefined && { structuredContent: { ...data } }),
    ...(isError === true && { isError }),
  };
}
