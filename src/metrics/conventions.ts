/** Every name that begins so is ours; the others are of the process, by prom-client. */
export const prefix = 'employee_gateway_';

/** In seconds: from a read out of a node's memory to the whole time that an operation has as shipped. */
export const durationBuckets = [
  0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10,
];
