import { styleText } from 'node:util';

type Style = 'bold' | 'dim' | 'green' | 'yellow' | 'red';

/** Puts a style around a text, or leaves it alone where colours are not wanted. */
export type Paint = (style: Style, text: string) => string;

export const plain: Paint = (_, text) => text;
/** Whether it is wanted was decided already, for the stream that we write to. */
const coloured: Paint = (style, text) => styleText(style, text, { validateStream: false });

/** What a command says to the person who started it. */
export interface Terminal {
  readonly paint: Paint;
  /** Prints a text and ends the line. */
  say(text: string): void;
  /** Settles as `work` does, and shows meanwhile what is being waited for and for how long, or what is asked anew. */
  during<T>(what: string | (() => string), work: Promise<T>): Promise<T>;
}

/** Where a command prints: `process.stdout`, or anything like it. */
export interface Output {
  readonly isTTY?: boolean;
  write(text: string): unknown;
}

/** Colours and a moving line only where a person looks on (https://no-color.org). */
export function openTerminal(output: Output, environment: NodeJS.ProcessEnv): Terminal {
  const isWatched = output.isTTY === true;
  const wantsColours = isWatched && (environment['NO_COLOR'] ?? '') === '' && environment['TERM'] !== 'dumb';
  const say = (text: string) => void output.write(`${text}\n`);
  return {
    paint: wantsColours ? coloured : plain,
    say,
    during: (what, work) => (isWatched ? showMoving(output, what, work) : showRarely(say, what, work)),
  };
}

async function showMoving<T>(output: Output, what: string | (() => string), work: Promise<T>): Promise<T> {
  const startedAt = performance.now();
  const now = () =>
    typeof what === 'string'
      ? `${what} ... ${((performance.now() - startedAt) / 1000).toFixed(0)} s`
      : what();
  const show = () => output.write(`\r\u001B[K${now()}`);
  show();
  const timer = setInterval(show, 1000);
  try {
    return await work;
  } finally {
    clearInterval(timer);
    output.write('\r\u001B[K');
  }
}

/** In a log file a line each 10 s is enough to see that it is alive. */
async function showRarely<T>(
  say: (text: string) => void,
  what: string | (() => string),
  work: Promise<T>,
): Promise<T> {
  say(typeof what === 'string' ? `${what} ...` : what());
  const timer = setInterval(() => say(typeof what === 'string' ? `${what}, still ...` : what()), 10_000);
  try {
    return await work;
  } finally {
    clearInterval(timer);
  }
}

/** Pads every column but the last to its widest cell; two spaces between columns. */
export function alignColumns(rows: readonly (readonly string[])[]): string[] {
  const widths: number[] = [];
  for (const row of rows) {
    for (const [column, cell] of row.entries()) widths[column] = Math.max(widths[column] ?? 0, cell.length);
  }
  return rows.map((row) =>
    row
      .map((cell, column) => cell.padEnd(widths[column] ?? 0))
      .join('  ')
      .trimEnd(),
  );
}
