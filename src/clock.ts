/** Time as an argument: shells get a clock, pure code gets its readings. */
export interface Clock {
  /** Monotonic milliseconds: for deadlines and durations, never for display. */
  now(): number;
  /** Wall-clock time: for display and for what another machine must understand. */
  date(): Date;
}

export const systemClock: Clock = {
  now: () => performance.now(),
  date: () => new Date(),
};
