import { readFile, readdir, readlink } from 'node:fs/promises';
import { basename } from 'node:path';
import type { Address } from '../cluster-config/address.js';

// What proc(5) tells of processes, for a drill that is about to kill one that it has not started.

/** Why a process must be left alone, in words and with what to do; null when it is the Tarantool that listens there. */
export async function whyNotOurs(pid: number, { host, port }: Address): Promise<string | null> {
  if (!isLoopback(host))
    return `it listens on ${host}, which may be another machine: run the drill on the machine where it runs`;
  const name = await readFile(`/proc/${pid}/comm`, 'utf8').catch(() => null);
  if (name === null)
    return `it says that it is process ${pid}, which this machine does not have: if it runs in a container, run the drill in there`;
  if (!isTarantool(name, await readCommand(pid)))
    return `it says that it is process ${pid}, which is ${name.trim()} on this machine: if it runs in a container, run the drill in there`;
  const sockets = await listSockets(pid);
  if (sockets === null)
    return `process ${pid} belongs to somebody else: run the drill as the user who runs the nodes`;
  const tables = await Promise.all(
    ['tcp', 'tcp6'].map((table) => readFile(`/proc/net/${table}`, 'utf8').catch(() => '')),
  );
  const isListening = tables.flatMap((table) => listeningSockets(table, port)).some((id) => sockets.has(id));
  return isListening ? null : `process ${pid} is a Tarantool, but not the one that listens on port ${port}`;
}

/** Its title may say more (`tarantool start.lua <running>`), its name and its program do not. */
export function isTarantool(name: string, command: readonly string[]): boolean {
  return name.trim() === 'tarantool' || basename(command[0] ?? '').split(' ')[0] === 'tarantool';
}

export function isLoopback(host: string): boolean {
  return host === 'localhost' || host === '::1' || /^127(\.\d{1,3}){3}$/.test(host);
}

/** Ids of the sockets that listen on a port, from `/proc/net/tcp` or `tcp6`: the state 0A, the tenth field. */
export function listeningSockets(table: string, port: number): readonly string[] {
  const ending = `:${port.toString(16).toUpperCase().padStart(4, '0')}`;
  return table
    .split('\n')
    .slice(1)
    .map((line) => line.trim().split(/\s+/))
    .flatMap(([, local = '', , state, , , , , , id = '']) =>
      state === '0A' && local.endsWith(ending) ? [id] : [],
    );
}

/** The launcher of `npm start` or `npm run cluster` that runs a node; null when something else does. */
export async function findLauncher(pid: number): Promise<number | null> {
  const parent = Number(statusField(await readStatus(pid), 'PPid'));
  if (!(parent > 1)) return null;
  return isLauncher(await readCommand(parent), await readStatus(parent)) ? parent : null;
}

/**
 * Whether a process starts its nodes on SIGUSR2. The signal would end one that does not wait for it, so the kernel must
 * say that it is caught.
 */
export function isLauncher(command: readonly string[], status: string): boolean {
  const [program = '', ...args] = command;
  const isOurs = args.some((arg) => /(?:^|\/)dist\/local\/(?:start|cluster)\.js$/.test(arg));
  return isOurs && basename(program).startsWith('node') && catchesUsr2(status);
}

/** SigCgt is a mask in hexadecimal digits: bit 0 is signal 1. */
function catchesUsr2(status: string): boolean {
  const mask = statusField(status, 'SigCgt');
  return /^[0-9a-f]+$/.test(mask) && ((BigInt(`0x${mask}`) >> 11n) & 1n) === 1n;
}

/** How a process stands; `ended` is one whose entry its parent has yet to clear away. */
export async function stateOf(pid: number): Promise<'running' | 'frozen' | 'ended' | 'gone'> {
  const state = statusField(await readStatus(pid), 'State');
  if (state === '') return 'gone';
  if (/^[ZX]/.test(state)) return 'ended';
  return state.startsWith('T') ? 'frozen' : 'running';
}

const readStatus = (pid: number): Promise<string> => readFile(`/proc/${pid}/status`, 'utf8').catch(() => '');

function statusField(status: string, name: string): string {
  return new RegExp(`^${name}:\\s*(.*)$`, 'm').exec(status)?.[1] ?? '';
}

async function readCommand(pid: number): Promise<readonly string[]> {
  const text = await readFile(`/proc/${pid}/cmdline`, 'utf8').catch(() => '');
  return text.split('\0');
}

/** Null when we may not know. */
async function listSockets(pid: number): Promise<ReadonlySet<string> | null> {
  const folder = `/proc/${pid}/fd`;
  const files = await readdir(folder).catch(() => null);
  if (files === null) return null;
  const targets = await Promise.all(files.map((file) => readlink(`${folder}/${file}`).catch(() => '')));
  return new Set(targets.flatMap((target) => /^socket:\[(\d+)\]$/.exec(target)?.[1] ?? []));
}
