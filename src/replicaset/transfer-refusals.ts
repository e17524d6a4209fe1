interface RefusedTransfer {
  readonly to: string;
  readonly leader: string | null;
  readonly rowsBehind?: number;
}

const leaderOf = ({ leader }: RefusedTransfer): string =>
  leader === null ? 'nobody leads now' : `${leader} leads`;

/** Why leadership is not handed to a node, and what people are told: names and numbers, no text from below. */
export const transferMessages = {
  /** There is nobody to hand it over, or the leader has just been deposed. */
  NO_LEADER: ({ to }: RefusedTransfer) => `Nobody leads now, so nobody can hand leadership to ${to}`,
  /** It does not answer: it is dead, frozen, or its link to the leader is cut. */
  UNREACHABLE: (transfer: RefusedTransfer) => `${transfer.to} does not answer; ${leaderOf(transfer)}`,
  /** It takes no rows from the leader, or did not catch up in the time of an election. */
  LAGGING: (transfer: RefusedTransfer) => {
    const { to, rowsBehind } = transfer;
    const by = rowsBehind === undefined || rowsBehind === 0 ? '' : ` by ${rowsBehind} rows`;
    return `${to} is behind the leader${by} and does not catch up; ${leaderOf(transfer)}`;
  },
  /** Its replication has stopped for good. */
  DIVERGED: (transfer: RefusedTransfer) =>
    `Replication has stopped on ${transfer.to}, which needs an operator; ${leaderOf(transfer)}`,
  /** The leader's last writes found no majority, so they could be lost on the way. */
  NO_QUORUM: (transfer: RefusedTransfer) =>
    `No majority confirms the leader's last writes; ${leaderOf(transfer)}`,
  IN_PROGRESS: (transfer: RefusedTransfer) =>
    `Leadership is being handed over already; ${leaderOf(transfer)}`,
  /** It stood and did not win, or died as it did. */
  NOT_ELECTED: (transfer: RefusedTransfer) => `${transfer.to} was not elected; ${leaderOf(transfer)}`,
} as const satisfies Record<string, (transfer: RefusedTransfer) => string>;

export type TransferRefusal = keyof typeof transferMessages;

/** Whether a leader's own word for a refusal is one that we know. */
export function isTransferRefusal(reason: unknown): reason is TransferRefusal {
  return typeof reason === 'string' && Object.hasOwn(transferMessages, reason);
}
