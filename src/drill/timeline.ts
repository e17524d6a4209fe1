import type { Paint } from '../terminal.js';
import { type Moment, count } from './moments.js';

const paints = { neutral: null, bad: 'red', good: 'green' } as const;

/** One line for each moment: milliseconds from the kill, right-aligned, and what was seen. */
export function renderTimeline(moments: readonly Moment[], paint: Paint): string {
  const heading = 'ms';
  const times = moments.map(({ atMs }) => `${atMs > 0 ? '+' : ''}${count(atMs)}`);
  const width = Math.max(heading.length, ...times.map(({ length }) => length));
  const lines = moments.map(({ what, mood }, index) => {
    const time = (times[index] ?? '').padStart(width);
    const style = paints[mood];
    return `  ${paint('dim', time)}  ${style === null ? what : paint(style, what)}`;
  });
  return [paint('dim', `  ${heading.padStart(width)}  what happens`), ...lines].join('\n');
}
