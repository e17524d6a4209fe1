/**
 * The last step of `npm run build`: the gateway and its command line become a few files in `dist/bundled`, with the
 * libraries that they use. A start reads these in half the time of the 700 modules they are made of (docs/performance.md).
 * Nothing is done while they are newer than what they are made of.
 */
import { readFile, rename, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import type { Plugin } from 'rolldown';
import { packageRoot } from './package-root.js';

const dist = join(packageRoot, 'dist');
const bundled = join(dist, 'bundled');
const programs = ['main', 'employee-gateway'];

/** The files that are written whenever there is something new to bundle: by the compiler, and by npm. */
const origins = [join(dist, '.tsbuildinfo'), join(packageRoot, 'node_modules/.package-lock.json')];

/** What stays in node_modules. */
const external = [
  // Assigns to variables that it has not declared, which no module may.
  'tarantool-driver',
  // Optional: whoever asks for traces without them is told so.
  /^@opentelemetry\//,
  // Optional for type-graphql, and not used.
  'class-validator',
];

async function isStale(): Promise<boolean> {
  const made = await timeOf(join(bundled, 'main.js'));
  const changes = await Promise.all(origins.map(timeOf));
  return changes.some((changed) => changed >= made);
}

/** When the file was written, in milliseconds; 0 when there is none. */
async function timeOf(path: string): Promise<number> {
  const status = await stat(path).catch(() => null);
  return status?.mtimeMs ?? 0;
}

async function bundle(): Promise<void> {
  const { rolldown } = await import('rolldown');
  const unfinished = join(dist, `.bundled.${process.pid}`);
  const build = await rolldown({
    input: Object.fromEntries(programs.map((name) => [name, join(dist, `${name}.js`)])),
    platform: 'node',
    external,
    plugins: [sourceMaps],
  });
  try {
    await build.write({ dir: unfinished, sourcemap: true, sourcemapExcludeSources: true });
    await rm(bundled, { recursive: true, force: true });
    await rename(unfinished, bundled);
  } finally {
    await build.close();
    await rm(unfinished, { recursive: true, force: true });
  }
}

/** Stacks name the lines of our sources, through what the compiler made of them. */
const sourceMaps: Plugin = {
  name: 'source-maps',
  load: {
    filter: { id: /\/dist\/.*\.js$/ },
    async handler(id) {
      if (!id.startsWith(dist)) return null;
      return { code: await readFile(id, 'utf8'), map: await readFile(`${id}.map`, 'utf8') };
    },
  },
};

if (await isStale()) await bundle();
