/** A row as the cluster keeps it, and as GraphQL answers with it. */
export interface Person {
  readonly id: number;
  readonly name: string;
  readonly position: string;
  readonly salary: number;
}

const firstId = 100_001;
const positions = ['Engineer', 'Manager', 'Accountant', 'Designer', 'Support', 'Director', 'Analyst'];

/** More than are asked for by id, and enough that an index is no toy. */
export const peopleCount = 10_000;
/** Beyond all ids: as long as there are fewer than nine million new ones, answers are of one length. */
export const firstNewId = 1_000_001;

/** The same on every run. */
export function personAt(index: number): Person {
  const id = firstId + index;
  return {
    id,
    name: `Employee ${id}`,
    position: positions[index % positions.length] ?? '',
    salary: 3_000 + ((index * 37) % 5_000),
  };
}

export const people = (count: number, from = 0): readonly Person[] =>
  Array.from({ length: count }, (_, index) => personAt(from + index));
