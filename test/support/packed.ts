import { execFile } from 'node:child_process';
import { mkdir, mkdtemp, readFile, rm, symlink } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { packageRoot } from '../../src/package-root.js';

const run = promisify(execFile);

/** The package as `npm pack` makes it, unpacked in a place of its own, beside the packages it needs in production. */
export class PackedGateway {
  readonly #place: string;
  /** Paths of the files in it. */
  readonly files: readonly string[];

  private constructor(place: string, files: readonly string[]) {
    this.#place = place;
    this.files = files;
  }

  static async make(): Promise<PackedGateway> {
    const place = await mkdtemp(join(tmpdir(), 'packed-'));
    const { stdout } = await run('npm', ['pack', '--silent', '--pack-destination', place], {
      cwd: packageRoot,
    });
    const archive = join(place, stdout.trim().split('\n').at(-1) ?? '');
    const listed = await run('tar', ['-xvzf', archive, '-C', place]);
    const files = listed.stdout.trim().split('\n');
    await linkDependencies(join(place, 'package/node_modules'));
    return new PackedGateway(
      place,
      files.map((file) => file.replace(/^package\//, '')),
    );
  }

  get directory(): string {
    return join(this.#place, 'package');
  }

  /** What npm runs of it. */
  get program(): string {
    return join(this.directory, 'dist/bundled/employee-gateway.js');
  }

  /** `npx employee-gateway ...`: resolves to what it prints; never asks a registry. */
  async npx(...args: readonly string[]): Promise<string> {
    const { stdout } = await run('npx', ['--no', '--', 'employee-gateway', ...args], { cwd: this.directory });
    return stdout;
  }

  /** What the program prints, without npm in between. */
  async run(...args: readonly string[]): Promise<string> {
    return (await run(process.execPath, [this.program, ...args])).stdout;
  }

  read(file: string): Promise<string> {
    return readFile(join(this.directory, file), 'utf8');
  }

  remove(): Promise<void> {
    return rm(this.#place, { recursive: true });
  }
}

/** The tree that `npm ci --omit=dev` makes, out of what is installed here: what is left out cannot be imported. */
async function linkDependencies(target: string): Promise<void> {
  const listed = await run('npm', ['ls', '--omit=dev', '--all', '--parseable'], { cwd: packageRoot });
  const installed = join(packageRoot, 'node_modules/');
  const names = listed.stdout
    .split('\n')
    .filter((path) => path.startsWith(installed))
    .map((path) => path.slice(installed.length))
    .filter((name) => !name.includes('node_modules'));
  await mkdir(target);
  for (const name of new Set(names)) {
    await mkdir(dirname(join(target, name)), { recursive: true });
    await symlink(join(installed, name), join(target, name));
  }
}
