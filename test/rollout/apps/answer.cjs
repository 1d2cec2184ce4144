/**
 * What every app here answers: the version that its file VERSION_FILE named when it started, and who it is. A little
 * late, so that requests are always under way.
 */
const { readFileSync } = require('node:fs');

const version = readFileSync(process.env.VERSION_FILE, 'utf8').trim();
const WORK_MS = 5;

exports.address = { port: Number(process.env.PORT), host: '127.0.0.1' };
exports.answer = () =>
  new Promise((resolve) => setTimeout(resolve, WORK_MS, `version ${version} pid ${process.pid}\n`));
