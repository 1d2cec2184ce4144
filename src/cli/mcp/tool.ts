import type * as z from 'zod';

/** How a command line ended, and what it printed. */
export interface Ran {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** Runs a command line of stateward; the words are those behind the program's name. */
export type RunLine = (words: readonly string[]) => Promise<Ran>;

/** What a tool answers: a text to read, and data where there is some. */
export interface ToolAnswer {
  readonly text: string;
  readonly data?: Readonly<Record<string, unknown>>;
  readonly isError?: boolean;
}

/** Something that a client of the Model Context Protocol can call. */
export interface Tool {
  readonly name: string;
  readonly title: string;
  readonly description: string;
  /** It changes what runs. */
  readonly changes: boolean;
  /** What it takes. */
  readonly input: z.ZodObject;
  /** The input is of that form. */
  readonly call: (input: unknown) => Promise<ToolAnswer>;
}

/** A tool whose call gets what its input says. */
export function tool<Input extends z.ZodObject>({
  call,
  ...rest
}: Omit<Tool, 'input' | 'call'> & {
  readonly input: Input;
  readonly call: (input: z.output<Input>) => Promise<ToolAnswer>;
}): Tool {
  return { ...rest, call: (input) => call(rest.input.parse(input)) };
}
