import { readFile } from 'node:fs/promises';
import { cpus, loadavg, totalmem } from 'node:os';
import { join } from 'node:path';
import { packageRoot } from '../package-root.js';

/** What a reader must know to judge figures. */
export interface Circumstances {
  readonly date: Date;
  /** Such as `2 × Intel Xeon, 24 GB`. */
  readonly machine: string;
  /** By name. */
  readonly versions: ReadonlyMap<string, string>;
  readonly rounds: number;
  readonly measureMs: number;
  /** Processes that wanted a processor before anything was started, over a minute: above zero, others were at work. */
  readonly loadBefore: number;
  /** Its version. */
  readonly tarantool: string;
}

const packages = ['mercurius', 'graphql-jit', '@apollo/server', 'fastify', 'graphql', 'tarantool-driver'];

/** To be called before anything is started. */
export async function readCircumstances(plan: {
  readonly rounds: number;
  readonly measureMs: number;
}): Promise<Omit<Circumstances, 'tarantool'>> {
  const processors = cpus();
  const installed = await Promise.all(
    packages.map(async (name): Promise<[string, string]> => [name, await readVersion(name)]),
  );
  return {
    date: new Date(),
    machine: `${processors.length} × ${processors[0]?.model.trim()}, ${Math.round(totalmem() / 2 ** 30)} GB`,
    versions: new Map([['Node', process.versions.node], ...installed]),
    rounds: plan.rounds,
    measureMs: plan.measureMs,
    loadBefore: loadavg()[0] ?? 0,
  };
}

async function readVersion(name: string): Promise<string> {
  const text = await readFile(join(packageRoot, 'node_modules', name, 'package.json'), 'utf8');
  const { version }: Readonly<Record<string, unknown>> = Object(JSON.parse(text));
  return String(version);
}
