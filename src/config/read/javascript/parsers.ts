// A file of its own in dist/: commands that read no JavaScript are not to carry the parsers along.
export { tsPlugin } from '@sveltejs/acorn-typescript';
export { Parser } from 'acorn';
