import type { RegisterAction } from './linearizability.js';

/** What one operation of a client is, in the words of the check that will judge it. */
export type Action =
  | { readonly workload: 'add'; readonly name: string }
  | { readonly workload: 'register'; readonly register: string; readonly step: RegisterAction }
  | { readonly workload: 'counter'; readonly counter: string }
  | { readonly workload: 'batch'; readonly name: string; readonly size: number };
