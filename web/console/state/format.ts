/** `14 ms`, `1.9 s`, `4 min 10 s`, `2 h 5 min`, `3 d 4 h`: two units at most. Pure, as all of this. */
export function formatDuration(ms: number): string {
  if (ms < 1_000) return `${Math.max(0, Math.round(ms))} ms`;
  if (ms < 9_950) return `${(ms / 1_000).toFixed(1)} s`;
  const seconds = Math.round(ms / 1_000);
  if (seconds < 60) return `${seconds} s`;
  const minutes = Math.floor(seconds / 60);
  if (minutes < 60) return withRest(minutes, 'min', seconds % 60, 's');
  const hours = Math.floor(minutes / 60);
  return hours < 24
    ? withRest(hours, 'h', minutes % 60, 'min')
    : withRest(Math.floor(hours / 24), 'd', hours % 24, 'h');
}

/** The greatest unit alone: it ages, and nobody waits for its seconds. */
export const formatUptime = (seconds: number): string =>
  formatDuration(Math.max(1, Math.round(seconds)) * 1_000)
    .replace('.0', '')
    .split(' ')
    .slice(0, 2)
    .join(' ');

function withRest(value: number, unit: string, rest: number, restUnit: string): string {
  return rest === 0 ? `${value} ${unit}` : `${value} ${unit} ${rest} ${restUnit}`;
}

/** The figure and its unit apart, for large type. */
export function splitDuration(ms: number): { readonly figure: string; readonly unit: string } {
  const [figure = '', unit = '', ...rest] = formatDuration(ms).split(' ');
  return { figure, unit: [unit, ...rest].join(' ') };
}

/** Replication lag: seconds in, as short as it can be said. */
export function formatLag(seconds: number): string {
  const ms = Math.abs(seconds) * 1_000;
  if (ms < 0.1) return '0 ms';
  if (ms < 10) return `${ms.toFixed(1)} ms`;
  return formatDuration(ms);
}

const clock = new Intl.DateTimeFormat('en-GB', { hour: '2-digit', minute: '2-digit', second: '2-digit' });
/** The time of day, where the reader is. */
export const formatTime = (at: number): string => clock.format(at);

const whole = new Intl.NumberFormat('en-GB');
export const formatNumber = (value: number): string => whole.format(value);

/** Every employee has one: it is null for those who may not see it. */
export const formatSalary = (salary: number | null): string =>
  salary === null ? 'hidden' : formatNumber(salary);

export const plural = (count: number, word: string): string =>
  `${formatNumber(count)} ${word}${count === 1 ? '' : 's'}`;
