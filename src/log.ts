import { statSync, truncateSync } from 'node:fs';
import { type Logger, pino } from 'pino';
import type { Log } from './replicaset/log.js';
import type { Settings } from './settings.js';

/** For those who look at the view themselves. */
export const silentLog: Log = { info: () => {}, warn: () => {}, error: () => {} };

/** One JSON object per line on standard output, for whatever collects it. */
export function openLog({ logLevel }: Pick<Settings, 'logLevel'>): Logger {
  return pino({ level: logLevel });
}

/** As the logs of the nodes: begun anew at a start when it has grown beyond this. */
const maxLogBytes = 10 * 1024 * 1024;

/** The same into a file, where the terminal is for people. */
export function openLogFile(path: string, { logLevel }: Pick<Settings, 'logLevel'>): Logger {
  const size = statSync(path, { throwIfNoEntry: false })?.size ?? 0;
  if (size > maxLogBytes) truncateSync(path);
  return pino({ level: logLevel }, pino.destination({ dest: path, sync: true }));
}
