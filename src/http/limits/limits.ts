/** How much an operation may be, whoever sends it. All but the last are of its document. */
export interface Limits {
  /** Of the language: names, values, brackets. */
  readonly tokens: number;
  /** Brackets of any kind, one inside the other. */
  readonly nesting: number;
  readonly directives: number;
  /** `...`: spreads of fragments, and fragments in place. */
  readonly fragmentSpreads: number;
  readonly operations: number;
  /** In characters. */
  readonly operationName: number;
  /** Fields inside fields. */
  readonly depth: number;
  /** Of one operation, those with different names in the answer. */
  readonly rootFields: number;
  readonly aliases: number;
  /** All that is selected; what a fragment selects counts wherever it is spread. */
  readonly selections: number;
  /** Pairs of fields that would stand at the same place of the answer, and so must agree. */
  readonly overlaps: number;
  /** Of one operation with its variables: see cost.ts. */
  readonly cost: number;
}

export const defaultLimits: Limits = {
  // 700 employees by id, each with an alias of its own.
  tokens: 10_000,
  // The parser calls itself for each; the deepest document that this schema has a use for nests some 20.
  nesting: 100,
  // One or two for each part of a page that a client may leave out.
  directives: 100,
  // A component each. Validation compares each with each.
  fragmentSpreads: 100,
  // What somebody has in an editor: all of it is sent to run one.
  operations: 50,
  // It is repeated in each of up to 100 errors, and in the log.
  operationName: 128,
  // What tools send to read the schema has 15; the deepest that employees and topology have is 5.
  depth: 15,
  // 100 employees by id in one request is what clients are promised, and as much again.
  rootFields: 200,
  // Fields of those 200, and some of them renamed.
  aliases: 500,
  // 200 employees with all fields are 1,000.
  selections: 5_000,
  // 100 components that each ask for two fields of the same thing.
  overlaps: 10_000,
  // 1,000 changes of leadership as the console shows them are 10,000, and as much again.
  cost: 20_000,
};

/** The names of limits as clients see them, in `extensions.limit`. */
export type LimitName = keyof Limits;
