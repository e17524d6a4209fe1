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
  /** How wide it is: a line that moves must fit, or each of its states is left behind. */
  readonly columns?: number;
  write(text: string): unknown;
}

const clearLine = '\r\u001B[K';

/** Colours and a moving line only where a person looks on (https://no-color.org). */
export function openTerminal(output: Output, environment: NodeJS.ProcessEnv): Terminal {
  // A dumb terminal has neither colours nor a way back to the start of the line.
  const isWatched = output.isTTY === true && environment['TERM'] !== 'dumb';
  const wantsColours = isWatched && (environment['NO_COLOR'] ?? '') === '';
  /** Shows the moving line again; null while there is none. */
  let showAgain: (() => void) | null = null;
  const say = (text: string): void => {
    output.write(`${showAgain === null ? '' : clearLine}${text}\n`);
    showAgain?.();
  };

  async function showMoving<T>(what: string | (() => string), work: Promise<T>): Promise<T> {
    const startedAt = performance.now();
    const now = () =>
      typeof what === 'string'
        ? `${what} ... ${((performance.now() - startedAt) / 1000).toFixed(0)} s`
        : what();
    // Some terminals say that they have no columns at all.
    const show = () => void output.write(`${clearLine}${now().slice(0, (output.columns || 80) - 1)}`);
    showAgain = show;
    show();
    const timer = setInterval(show, 1000);
    try {
      return await work;
    } finally {
      clearInterval(timer);
      showAgain = null;
      output.write(clearLine);
    }
  }

  return {
    paint: wantsColours ? coloured : plain,
    say,
    during: (what, work) => (isWatched ? showMoving(what, work) : showRarely(say, what, work)),
  };
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
