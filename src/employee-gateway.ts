#!/usr/bin/env node
/** The command line of the package: `employee-gateway serve`, and what `--help` lists. */
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import { commands, readCommandLine, renderHelp } from './command-line.js';
import { packageRoot } from './package-root.js';

// Stacks name the lines of the sources, as under npm run.
process.setSourceMapsEnabled(true);

const asked = readCommandLine(process.argv.slice(2));
switch (asked.kind) {
  case 'run':
    await commands[asked.command].run();
    break;
  case 'help':
    process.stdout.write(`${renderHelp(await readVersion())}\n`);
    break;
  case 'version':
    process.stdout.write(`${await readVersion()}\n`);
    break;
  case 'wrong':
    process.stderr.write(`${asked.problem}: employee-gateway --help lists what there is\n`);
    process.exitCode = 2;
    break;
  default:
    asked satisfies never;
}

async function readVersion(): Promise<string> {
  const text = await readFile(join(packageRoot, 'package.json'), 'utf8');
  return z.object({ version: z.string() }).parse(JSON.parse(text)).version;
}
