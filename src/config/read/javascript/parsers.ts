// A separate file in dist/: commands that read no JavaScript do not load the parsers.
export { tsPlugin } from '@sveltejs/acorn-typescript';
export { Parser } from 'acorn';
