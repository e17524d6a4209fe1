/** An operation that an editor opens with, in a tab of its own. */
export interface Example {
  readonly name: string;
  readonly query: string;
}

/** What somebody who looks for the first time wants to try. A test holds them against schema.graphql. */
export const examples: readonly Example[] = [
  {
    name: 'List employees',
    query: `# The leader answers. To ask another node, add
# read: { node: "instance002" }
query ListEmployees {
  employees(first: 20) {
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
  },
  {
    name: 'Add an employee',
    query: `# The cluster numbers the employee.
mutation AddEmployee {
  addEmployee(
    input: {
      name: "Ada Lovelace"
      position: "Engineer"
      salary: 6000
    }
  ) {
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
  },
  {
    name: 'Watch the leader',
    query: `# Kill the leader while this runs.
subscription WatchLeader {
  leadershipChanged {
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
  },
];
