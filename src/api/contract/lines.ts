/** The lines of a stream of bytes, without their newlines; what follows the last newline is a line too. */
export async function* splitLines(chunks: AsyncIterable<Buffer | string>): AsyncGenerator<string> {
  const decoder = new TextDecoder();
  let rest = '';
  for await (const chunk of chunks) {
    const text = typeof chunk === 'string' ? chunk : decoder.decode(chunk, { stream: true });
    const lines = (rest + text).split('\n');
    rest = lines.pop() ?? '';
    yield* lines;
  }
  if (rest !== '') yield rest;
}

/** One server-sent event as it came in. */
export interface IncomingEvent {
  readonly id: string | null;
  /** `message` unless it was named. */
  readonly name: string;
  readonly data: string;
}

/** Parses lines as server-sent events (WHATWG rules; comments are skipped). An incomplete last event is dropped. */
export async function* parseEvents(lines: AsyncIterable<string>): AsyncGenerator<IncomingEvent> {
  let id: string | null = null;
  let name = 'message';
  let data: string[] = [];
  for await (const raw of lines) {
    const line = raw.endsWith('\r') ? raw.slice(0, -1) : raw;
    if (line === '') {
      if (data.length > 0) yield { id, name, data: data.join('\n') };
      name = 'message';
      data = [];
      continue;
    }
    const colon = line.indexOf(':');
    const field = colon === -1 ? line : line.slice(0, colon);
    const value = colon === -1 ? '' : line.slice(colon + 1).replace(/^ /, '');
    if (field === 'id') id = value;
    else if (field === 'event') name = value;
    else if (field === 'data') data.push(value);
  }
}
