import { z } from 'zod';

/** What `node --cpu-prof` writes, as far as we read it. */
const profileFormat = z.object({
  nodes: z.array(
    z.object({
      id: z.number(),
      callFrame: z.object({ functionName: z.string(), url: z.string(), lineNumber: z.number() }),
    }),
  ),
  /** Microseconds of the monotonic clock. */
  startTime: z.number(),
  /** The function that ran, by the id of its node, at each sample. */
  samples: z.array(z.number()),
  /** Microseconds since the sample before. */
  timeDeltas: z.array(z.number()),
});

/** What ran for how long, itself and without what it called. */
export interface Share {
  readonly what: string;
  /** Of the time in which the process did something: 0 to 1. */
  readonly share: number;
}

export interface ProfileSummary {
  readonly busyMs: number;
  /** Share of the time in which it did something. */
  readonly busy: number;
  /** Largest first. */
  readonly packages: readonly Share[];
  readonly functions: readonly Share[];
}

/** A part of a profile: microseconds of the monotonic clock. */
export interface Window {
  readonly from: number;
  readonly to: number;
}

/**
 * Where the time went within a window. `root` is the folder of this package.
 * @throws when the text is no profile
 */
export function summariseProfile(text: string, { from, to }: Window, root: string): ProfileSummary {
  const { nodes, samples, timeDeltas, startTime } = profileFormat.parse(JSON.parse(text));
  const frames = new Map(nodes.map(({ id, callFrame }) => [id, callFrame]));
  const functions = new Map<string, number>();
  const packages = new Map<string, number>();
  let idle = 0;
  let busy = 0;
  let at = startTime;
  for (const [index, id] of samples.entries()) {
    const micros = timeDeltas[index + 1] ?? 0;
    at += timeDeltas[index] ?? 0;
    if (at < from || at >= to) continue;
    const frame = frames.get(id);
    if (frame === undefined) continue;
    if (frame.functionName === '(idle)') {
      idle += micros;
      continue;
    }
    busy += micros;
    const place = placeOf(frame.url, root);
    const name = frame.functionName === '' ? 'a function without a name' : frame.functionName;
    const where = place.file === '' ? '' : `  ${place.file}:${frame.lineNumber + 1}`;
    add(functions, `${name}${where}`, micros);
    add(packages, place.file === '' ? builtIn(name) : place.owner, micros);
  }
  return {
    busyMs: busy / 1_000,
    busy: busy / (busy + idle),
    packages: sharesOf(packages, busy),
    functions: sharesOf(functions, busy),
  };
}

function add(sums: Map<string, number>, key: string, micros: number): void {
  sums.set(key, (sums.get(key) ?? 0) + micros);
}

function sharesOf(sums: ReadonlyMap<string, number>, total: number): readonly Share[] {
  return [...sums]
    .map(([what, micros]) => ({ what, share: micros / total }))
    .toSorted((a, b) => b.share - a.share);
}

/** What has no file: the collector, the processor left to C++, or a built-in function, such as one that writes to a socket. */
function builtIn(name: string): string {
  if (name === '(garbage collector)') return 'garbage collector';
  return name === '(program)' ? 'system calls and C++' : 'built-in functions';
}

/** The file as a person would write it, and whose it is. */
function placeOf(url: string, root: string): { readonly file: string; readonly owner: string } {
  if (url.startsWith('node:')) return { file: url, owner: 'Node' };
  const path = url.replace(/^file:\/\//, '').replace(root, '');
  const [, name] = /.*node_modules\/((?:@[^/]+\/)?[^/]+)\//.exec(path) ?? [];
  if (name !== undefined) return { file: path.replace(/.*node_modules\//, ''), owner: name };
  const [, layer = ''] = /^dist\/([^/]+)\//.exec(path) ?? [];
  return { file: path, owner: path.startsWith('dist/') ? `src/${layer}` : path };
}
