const NODE_FRAME = /^\s+at .*\bnode:[\w/]+:\d+:\d+/;

/** Whether a line is a frame of Node itself: most of a stack are such, and they say nothing of the app. */
export function isNodeFrame(line: string): boolean {
  return NODE_FRAME.test(line);
}
