/** One step: what is observed, how the replica set then stands, and the events that this made. */
export type Step = readonly [observed: string, standing: string, ...events: string[]];

export interface Scenario {
  /** Number in the catalogue of failover scenarios; `own` where it has none. */
  readonly id: string;
  readonly name: string;
  /** How many nodes there are; 3 unless given. */
  readonly nodes?: number;
  readonly steps: readonly Step[];
}

/**
 * The notation is that of `parseNews`. Several observations may share a step. Besides, `~1:L5` is asked for before the
 * node's last news was absorbed, `+500` lets milliseconds pass, and every step begins 100 ms after the one before.
 */
export const scenarios: readonly Scenario[] = [
  {
    id: 'S01',
    name: 'a leader is found though a follower answers first',
    steps: [
      ['2:F5>1', 'no-quorum t0'],
      ['1:L5', 'led 1 t5', 'ELECTED 1 t5 first'],
      ['3:F5>1', 'led 1 t5'],
    ],
  },
  {
    id: 'S02',
    name: 'no node can be reached at the start',
    steps: [
      ['1:X 2:X 3:X', 'no-quorum t0'],
      ['1:X', 'no-quorum t0'],
    ],
  },
  {
    id: 'S03',
    name: 'a leader in a higher term follows the old one at once',
    steps: [
      ['1:L5 2:F5>1 3:F5>1', 'led 1 t5', 'ELECTED 1 t5 first'],
      ['2:L6', 'led 2 t6', 'ELECTED 2 t6 after 0ms'],
    ],
  },
  {
    id: 'S04',
    name: 'a deposed leader that still claims to lead is ignored',
    steps: [
      ['1:L5 2:L6', 'led 2 t6', 'ELECTED 1 t5 first', 'ELECTED 2 t6 after 0ms'],
      ['1:L5', 'led 2 t6'],
      ['3:F5>1', 'led 2 t6'],
    ],
  },
  {
    id: 'S05',
    name: 'the leader is lost and a stale claimant does not take its place',
    steps: [
      ['1:L5 2:L6 3:F6>2', 'led 2 t6', 'ELECTED 1 t5 first', 'ELECTED 2 t6 after 0ms'],
      ['2:X', 'electing t6', 'LOST 2 t6'],
      ['1:L5', 'electing t6'],
    ],
  },
  {
    id: 'S06',
    name: 'a deposed leader leads again once it is elected in a higher term',
    steps: [
      ['1:L5 2:L6 2:X', 'no-quorum t6', 'ELECTED 1 t5 first', 'ELECTED 2 t6 after 0ms', 'LOST 2 t6'],
      ['1:L5', 'no-quorum t6'],
      ['1:L7 2:F7>1', 'led 1 t7', 'ELECTED 1 t7 after 200ms'],
    ],
  },
  {
    id: 'S08',
    name: 'the same leader seen again and again is one event',
    steps: [
      ['1:L5 2:F5>1', 'led 1 t5', 'ELECTED 1 t5 first'],
      ['1:L5', 'led 1 t5'],
      ['2:F5>1 1:L5 1:L5', 'led 1 t5'],
    ],
  },
  {
    id: 'S09',
    name: 'two leaders of one term are a split, and neither is used',
    steps: [
      ['1:L5', 'led 1 t5', 'ELECTED 1 t5 first'],
      ['2:L5', 'split t5', 'LOST 1 t5'],
      ['1:L5 2:L5', 'split t5'],
    ],
  },
  {
    id: 'S09',
    name: 'a split ends when only the first leader of the term still claims it',
    steps: [
      ['1:L5 2:L5', 'split t5', 'ELECTED 1 t5 first', 'LOST 1 t5'],
      ['2:F5>1', 'led 1 t5', 'ELECTED 1 t5 after 100ms'],
    ],
  },
  {
    id: 'S09',
    name: 'the second claimant of a term never leads it, not even alone',
    steps: [
      ['1:L5 3:F5>1', 'led 1 t5', 'ELECTED 1 t5 first'],
      ['1:X', 'no-quorum t5', 'LOST 1 t5'],
      ['2:L5', 'split t5'],
      ['2:X', 'no-quorum t5'],
    ],
  },
  {
    id: 'S09',
    name: 'a split ends with a higher term',
    steps: [
      ['1:L5 2:L5', 'split t5', 'ELECTED 1 t5 first', 'LOST 1 t5'],
      ['3:L6', 'led 3 t6', 'ELECTED 3 t6 after 100ms'],
    ],
  },
  {
    id: 'S10',
    name: 'an answer that was asked for before a later one is dropped',
    steps: [
      ['1:F6>0', 'no-quorum t0'],
      ['~1:L5', 'no-quorum t0'],
    ],
  },
  {
    id: 'S11',
    name: 'a leader that lost its data comes back with a low term and does not pull the term down',
    steps: [
      ['1:L5 2:F5>1', 'led 1 t5', 'ELECTED 1 t5 first'],
      ['1:F1>0', 'electing t5', 'LOST 1 t5'],
      ['1:L2', 'electing t5'],
      ['2:L6', 'led 2 t6', 'ELECTED 2 t6 after 200ms'],
    ],
  },
  {
    id: 'S12',
    name: 'the leader restarts and is elected again',
    steps: [
      ['1:L5 2:F5>1', 'led 1 t5', 'ELECTED 1 t5 first'],
      ['1:X', 'no-quorum t5', 'LOST 1 t5'],
      ['1:F5>0', 'electing t5'],
      ['1:L6', 'led 1 t6', 'ELECTED 1 t6 after 200ms'],
    ],
  },
  {
    id: 'S12',
    name: 'the same leader in a higher term is a new election',
    steps: [
      ['1:L5 2:F5>1', 'led 1 t5', 'ELECTED 1 t5 first'],
      ['1:L6', 'led 1 t6', 'ELECTED 1 t6 after 0ms'],
    ],
  },
  {
    id: 'S13',
    name: 'an elected leader is used only when it is writable',
    steps: [
      ['1:L5 2:F5>1 3:F5>1', 'led 1 t5', 'ELECTED 1 t5 first'],
      ['1:X', 'electing t5', 'LOST 1 t5'],
      ['2:L6ro', 'electing t6'],
      ['2:L6', 'led 2 t6', 'ELECTED 2 t6 after 200ms'],
    ],
  },
  {
    id: 'S13',
    name: 'an elected leader that is not writable yet deposes the old one',
    steps: [
      ['1:L5', 'led 1 t5', 'ELECTED 1 t5 first'],
      ['2:L6ro', 'electing t6', 'LOST 1 t6'],
    ],
  },
  {
    id: 'S14',
    name: 'an elected leader that stays read-only is never used',
    steps: [
      ['1:X 2:L6ro 3:F6>2', 'electing t6'],
      ['+10000 2:L6ro', 'electing t6'],
    ],
  },
  {
    id: 'S15',
    name: 'a leader that refuses a write as read-only leads no more',
    steps: [
      ['1:L5 2:F5>1 3:F5>1', 'led 1 t5', 'ELECTED 1 t5 first'],
      ['1:R', 'electing t5', 'LOST 1 t5'],
      ['2:L6', 'led 2 t6', 'ELECTED 2 t6 after 100ms'],
    ],
  },
  {
    id: 'S16',
    name: 'a second refusal of the deposed leader changes nothing',
    steps: [
      ['1:L5 1:R 2:L6', 'led 2 t6', 'ELECTED 1 t5 first', 'LOST 1 t5', 'ELECTED 2 t6 after 0ms'],
      ['1:R', 'led 2 t6'],
    ],
  },
  {
    id: 'S16',
    name: 'a refusal of a request sent before the last poll says nothing about the claim after it',
    steps: [
      ['1:L5', 'led 1 t5', 'ELECTED 1 t5 first'],
      ['~1:R', 'led 1 t5'],
    ],
  },
  {
    id: 'S17',
    name: 'a leader that refuses writes and claims to take them is trusted less and less often',
    steps: [
      ['1:L5 2:F5>1', 'led 1 t5', 'ELECTED 1 t5 first'],
      ['1:R', 'electing t5', 'LOST 1 t5'],
      ['1:L5', 'led 1 t5', 'ELECTED 1 t5 after 100ms'],
      ['1:R 1:L5', 'electing t5', 'LOST 1 t5'],
      ['1:L5', 'led 1 t5', 'ELECTED 1 t5 after 100ms'],
      ['1:R +90 1:L5', 'electing t5', 'LOST 1 t5'],
      ['1:L5', 'led 1 t5', 'ELECTED 1 t5 after 190ms'],
      ['1:R +190 1:L5', 'electing t5', 'LOST 1 t5'],
      ['1:L5', 'led 1 t5', 'ELECTED 1 t5 after 290ms'],
    ],
  },
  {
    id: 'S17',
    name: 'refusals in an earlier term or long ago do not count against a leader',
    steps: [
      [
        '1:L5 1:R 1:L5 1:R',
        'no-quorum t5',
        'ELECTED 1 t5 first',
        'LOST 1 t5',
        'ELECTED 1 t5 after 0ms',
        'LOST 1 t5',
      ],
      ['1:L6', 'led 1 t6', 'ELECTED 1 t6 after 100ms'],
      ['1:R 1:L6', 'led 1 t6', 'LOST 1 t6', 'ELECTED 1 t6 after 0ms'],
      ['+20000 1:R 1:L6', 'led 1 t6', 'LOST 1 t6', 'ELECTED 1 t6 after 0ms'],
    ],
  },
  {
    id: 'S18',
    name: 'the late end of an older connection is ignored',
    steps: [
      ['1:L5 1:X 1:L5', 'led 1 t5', 'ELECTED 1 t5 first', 'LOST 1 t5', 'ELECTED 1 t5 after 0ms'],
      ['~1:X', 'led 1 t5'],
    ],
  },
  {
    id: 'S19',
    name: 'a broken connection to the leader is a loss at once',
    steps: [
      ['1:L5 2:F5>1 3:F5>1', 'led 1 t5', 'ELECTED 1 t5 first'],
      ['1:X', 'electing t5', 'LOST 1 t5'],
      ['1:X', 'electing t5'],
    ],
  },
  {
    id: 'S21',
    name: 'a leader nobody contradicts stays while no follower can be seen',
    steps: [
      ['1:L5 2:F5>1 3:F5>1', 'led 1 t5', 'ELECTED 1 t5 first'],
      ['2:X 3:X', 'led 1 t5'],
      ['1:L5', 'led 1 t5'],
    ],
  },
  {
    id: 'S22',
    name: 'a leader that fences itself is a loss',
    steps: [
      ['1:L5 2:X 3:X', 'led 1 t5', 'ELECTED 1 t5 first'],
      ['1:F5>0', 'no-quorum t5', 'LOST 1 t5'],
    ],
  },
  {
    id: 'S23',
    name: 'a leader known from its followers alone is not used',
    steps: [
      ['1:X 2:F5>1 3:F5>1', 'electing t5'],
      ['1:L5', 'led 1 t5', 'ELECTED 1 t5 first'],
    ],
  },
  {
    id: 'S24',
    name: 'one follower in a higher term does not depose a leader whom a majority follows',
    steps: [
      ['1:L5 2:F5>1 3:F5>1', 'led 1 t5', 'ELECTED 1 t5 first'],
      ['2:F6>0', 'led 1 t5'],
    ],
  },
  {
    id: 'S24',
    name: 'one follower in a higher term deposes a leader whom no majority can be seen to follow',
    steps: [
      ['1:L5 3:X', 'led 1 t5', 'ELECTED 1 t5 first'],
      ['2:F6>0', 'electing t5', 'LOST 1 t5'],
      ['3:F5>1', 'led 1 t5', 'ELECTED 1 t5 after 100ms'],
    ],
  },
  {
    id: 'S25',
    name: 'a majority in a higher term deposes a leader that does not know yet',
    steps: [
      ['1:L5 2:F5>1 3:F5>1', 'led 1 t5', 'ELECTED 1 t5 first'],
      ['2:F6>0', 'led 1 t5'],
      ['3:F6>0', 'electing t6', 'LOST 1 t6'],
      ['1:L5', 'electing t6'],
      ['2:X', 'electing t6'],
      ['1:L5 3:X', 'no-quorum t6'],
    ],
  },
  {
    id: 'S26',
    name: 'a poll under way when the node was heard otherwise is dropped',
    steps: [
      ['2:L6', 'led 2 t6', 'ELECTED 2 t6 first'],
      ['~2:F5>1', 'led 2 t6'],
      ['2:R ~2:L6', 'no-quorum t6', 'LOST 2 t6'],
    ],
  },
  {
    id: 'S27',
    name: 'a split vote is one time without a leader and one election',
    steps: [
      ['1:L5 2:F5>1 3:F5>1', 'led 1 t5', 'ELECTED 1 t5 first'],
      ['1:X', 'electing t5', 'LOST 1 t5'],
      ['2:C6 3:C6', 'electing t6'],
      ['2:C7 3:F7>2', 'electing t7'],
      ['2:L7', 'led 2 t7', 'ELECTED 2 t7 after 300ms'],
    ],
  },
  {
    id: 'S28',
    name: 'a loss is seen and mended without any request',
    steps: [
      ['1:L5 2:F5>1 3:F5>1', 'led 1 t5', 'ELECTED 1 t5 first'],
      ['1:X +3000 2:F5>1 3:F5>1', 'electing t5', 'LOST 1 t5'],
      ['2:L6 3:F6>2', 'led 2 t6', 'ELECTED 2 t6 after 3100ms'],
    ],
  },
  {
    id: 'S29',
    name: 'a planned switch is one short gap',
    steps: [
      ['1:L5 2:F5>1 3:F5>1', 'led 1 t5', 'ELECTED 1 t5 first'],
      ['1:F5>0 2:C6', 'electing t5', 'LOST 1 t5'],
      ['2:L6 1:F6>2', 'led 2 t6', 'ELECTED 2 t6 after 100ms'],
    ],
  },
  {
    id: 'S30',
    name: 'all nodes restart and the replica set recovers by itself',
    steps: [
      ['1:L5 2:F5>1 3:F5>1', 'led 1 t5', 'ELECTED 1 t5 first'],
      ['1:X 2:X 3:X', 'no-quorum t5', 'LOST 1 t5'],
      ['+5000 1:X 2:X 3:X', 'no-quorum t5'],
      ['2:F8>0 3:F8>0', 'electing t8'],
      ['2:L9', 'led 2 t9', 'ELECTED 2 t9 after 5300ms'],
    ],
  },
  {
    id: 'S35',
    name: 'a node that cannot be used does not trouble the others',
    steps: [
      ['3:X', 'no-quorum t0'],
      ['1:L5 2:F5>1', 'led 1 t5', 'ELECTED 1 t5 first'],
      ['3:X 3:X', 'led 1 t5'],
    ],
  },
  {
    id: 'S36',
    name: 'a deposed leader comes back as a follower',
    steps: [
      ['1:L5 1:X 2:L6 3:F6>2', 'led 2 t6', 'ELECTED 1 t5 first', 'LOST 1 t5', 'ELECTED 2 t6 after 0ms'],
      ['1:F6>2', 'led 2 t6'],
    ],
  },
  {
    id: 'own',
    name: 'a leader that was just elected is contradicted by a voter already in the next term',
    steps: [
      ['1:X 2:L6', 'led 2 t6', 'ELECTED 2 t6 first'],
      ['3:C7', 'electing t6', 'LOST 2 t6'],
      ['3:L7', 'led 3 t7', 'ELECTED 3 t7 after 100ms'],
    ],
  },
  {
    id: 'own',
    name: 'among five nodes two in a higher term do not depose a leader whom three follow',
    nodes: 5,
    steps: [
      ['1:L5 2:F5>1 3:F5>1', 'led 1 t5', 'ELECTED 1 t5 first'],
      ['4:F6>0 5:F6>0', 'led 1 t5'],
      ['3:F6>0', 'electing t6', 'LOST 1 t6'],
    ],
  },
  {
    id: 'own',
    name: 'among seven nodes four make a quorum',
    nodes: 7,
    steps: [
      ['1:F5>0 2:F5>0 3:F5>0', 'no-quorum t0'],
      ['4:F5>0', 'electing t5'],
      ['5:L6', 'led 5 t6', 'ELECTED 5 t6 first'],
    ],
  },
  {
    id: 'own',
    name: 'a single node leads itself',
    nodes: 1,
    steps: [
      ['1:L2', 'led 1 t2', 'ELECTED 1 t2 first'],
      ['1:X', 'no-quorum t2', 'LOST 1 t2'],
    ],
  },
  {
    id: 'own',
    name: 'two followers dead, the survivor is no leader however it calls itself',
    steps: [
      ['1:L5 2:F5>1 3:F5>1', 'led 1 t5', 'ELECTED 1 t5 first'],
      ['1:X 2:X', 'no-quorum t5', 'LOST 1 t5'],
      ['3:C6', 'no-quorum t5'],
      ['3:L6ro', 'no-quorum t6'],
    ],
  },
];
