/**
 * What became of a mutation that was not refused at the door, by the codes of its errors.
 *
 * | outcome | meaning |
 * | --- | --- |
 * | `applied` | all of it; also when its answer lacks a field that its client may not read |
 * | `rejected` | the data or its input forbids it: nothing was changed by what was rejected |
 * | `not_applied` | the cluster could not, in its time: nothing was changed by what failed |
 * | `unknown` | nobody said whether it took effect |
 * | `failed` | a defect |
 */
export const mutationOutcomes = ['applied', 'rejected', 'not_applied', 'unknown', 'failed'] as const;

export type MutationOutcome = (typeof mutationOutcomes)[number];

/** The worst first: an operation may have several mutations. */
const byCode: readonly (readonly [code: string, outcome: MutationOutcome])[] = [
  ['OUTCOME_UNKNOWN', 'unknown'],
  ['INTERNAL_SERVER_ERROR', 'failed'],
  ['CLUSTER_UNAVAILABLE', 'not_applied'],
  ['OVERLOADED', 'not_applied'],
  ['DEADLINE_EXCEEDED', 'not_applied'],
];

export function mutationOutcomeOf(codes: readonly string[]): MutationOutcome {
  const [, outcome] = byCode.find(([code]) => codes.includes(code)) ?? [];
  if (outcome !== undefined) return outcome;
  // Who may not do it at all was refused before.
  return codes.every((code) => code === 'FORBIDDEN') ? 'applied' : 'rejected';
}
