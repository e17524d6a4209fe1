import { statSync, truncateSync } from 'node:fs';
import type { Writable } from 'node:stream';
import { type DestinationStream, type Logger, pino } from 'pino';
import type { Log } from './replicaset/log.js';
import type { Settings } from './settings.js';

/** For those who look at the view themselves. */
export const silentLog: Log = { info: () => {}, warn: () => {}, error: () => {} };

/** A line on standard output for each event: a JSON object for whatever collects them, words where a person looks on. */
export async function openLog(
  settings: Pick<Settings, 'logLevel'>,
  output: { readonly isTTY?: boolean },
): Promise<Logger> {
  return createLog(settings, output.isTTY === true ? await openReadable() : undefined);
}

/** As the logs of the nodes: begun anew at a start when it has grown beyond this. */
const maxLogBytes = 10 * 1024 * 1024;

/** The same into a file, where the terminal is for people. */
export function openLogFile(path: string, settings: Pick<Settings, 'logLevel'>): Logger {
  const size = statSync(path, { throwIfNoEntry: false })?.size ?? 0;
  if (size > maxLogBytes) truncateSync(path);
  return createLog(settings, pino.destination({ dest: path, sync: true }));
}

/** What is written is written at once: nothing need be flushed at the end, and nothing is lost by one that comes suddenly. */
export function createLog(
  { logLevel }: Pick<Settings, 'logLevel'>,
  destination: DestinationStream = pino.destination({ dest: 1, sync: true }),
): Logger {
  return pino({ level: logLevel, serializers: { err: withoutTuples } }, destination);
}

/** For a person to read, on standard output unless it is told where. Loaded only where there is one. */
export async function openReadable(destination: number | Writable = 1): Promise<DestinationStream> {
  const { default: pretty } = await import('pino-pretty');
  const colorize = (process.env['NO_COLOR'] ?? '') === '';
  return pretty({
    destination,
    sync: true,
    colorize,
    translateTime: 'SYS:HH:MM:ss.l',
    ignore: 'pid,hostname',
  });
}

/** Tarantool quotes the rows that it refuses, salaries and all. */
function withoutTuples(error: unknown): unknown {
  if (!(error instanceof Error)) return error;
  const { message, stack, ...rest } = pino.stdSerializers.err(error);
  return { ...rest, message: cutTuples(message), stack: cutTuples(stack) };
}

const cutTuples = (text: string): string => text.replaceAll(/\btuple - \[.*\]/g, 'tuple - [...]');
