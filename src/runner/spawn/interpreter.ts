import { open } from 'node:fs/promises';

/** Linux reads no more of a first line. */
const FIRST_LINE_BYTES = 256;

/** The program that the first line of a file names (`#!/bin/sh -e`); null: it names none, or cannot be read from here. */
export async function interpreterOf(file: string): Promise<string | null> {
  try {
    const handle = await open(file, 'r');
    try {
      const { buffer, bytesRead } = await handle.read(Buffer.alloc(FIRST_LINE_BYTES), 0, FIRST_LINE_BYTES, 0);
      const [, path = null] = /^#![ \t]*([^ \t\n\0]+)/.exec(buffer.toString('latin1', 0, bytesRead)) ?? [];
      return path === null ? null : Buffer.from(path, 'latin1').toString();
    } finally {
      await handle.close();
    }
  } catch {
    return null;
  }
}
