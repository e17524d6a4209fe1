/** An operation that an editor opens with, in a tab of its own. */
export interface Example {
  readonly name: string;
  readonly query: string;
  readonly variables: string;
}

const json = (value: object): string => JSON.stringify(value, null, 2);

/** What somebody who looks for the first time wants to try. Checked against schema.graphql by a test. */
export const examples: readonly Example[] = [
  {
    name: 'List employees',
    query: `query ListEmployees($first: Int, $read: ReadOptions) {
  employees(first: $first, read: $read) {
    nodes {
      id
      name
      position
      salary
    }
    totalCount
  }
}
`,
    // Another node answers with {"node": "instance002"}.
    variables: json({ first: 20, read: { consistency: 'LEADER' } }),
  },
  {
    name: 'Add an employee',
    query: `mutation AddEmployee($input: AddEmployeeInput!) {
  addEmployee(input: $input) {
    employee {
      id
      name
      position
      salary
    }
    bookmark
  }
}
`,
    variables: json({ input: { name: 'Ada Lovelace', position: 'Engineer', salary: 6000 } }),
  },
  {
    name: 'Watch the leader',
    query: `# Kill the leader while this runs: it tells of the loss and of the election.
subscription WatchLeader {
  leadershipChanged {
    sequence
    kind
    term
    leader {
      name
    }
    previousLeader {
      name
    }
    leaderlessMs
    at
  }
}
`,
    variables: '',
  },
];
