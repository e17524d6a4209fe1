/**
 * `npm run pages [-- name ...]`: makes the pages that are stale, or those that are named. A page that cannot be made is
 * told, and the gateway says so in its place: only then the exit code is 1. With `--optional` it is 0 all the same, for
 * installation, which no page may break.
 */
import { join } from 'node:path';
import { describeOutcome } from './front-end/describe-outcome.js';
import { findPages, findStalePages, makePage } from './front-end/make-pages.js';
import { packageRoot } from './package-root.js';
import { alignColumns, openTerminal } from './terminal.js';

const places = { packageRoot, pagesDirectory: join(packageRoot, 'dist/pages') };
// Libraries leave their checks for developers out.
process.env['NODE_ENV'] = 'production';

const named = process.argv.slice(2).filter((argument) => !argument.startsWith('--'));
const isOptional = process.argv.includes('--optional');
const terminal = openTerminal(process.stderr, process.env);

const known = await findPages(places);
const unknown = named.filter((name) => !known.includes(name));
if (unknown.length > 0) {
  terminal.say(`There is no page ${unknown.join(', ')}: there are ${known.join(', ')}`);
  process.exitCode = 1;
} else {
  const outcomes = [];
  for (const page of named.length > 0 ? named : await findStalePages(places)) {
    // One after the other: each keeps every core busy.
    outcomes.push(await terminal.during(`Making the page ${page}`, makePage(page, places)));
  }
  for (const line of alignColumns(outcomes.map(describeOutcome))) terminal.say(line);
  if (!isOptional && outcomes.some(({ kind }) => kind === 'failed')) process.exitCode = 1;
}
