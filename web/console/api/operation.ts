/** A GraphQL operation of this page, with the types of its answer and its variables. */
export interface Operation<Result, Variables> {
  readonly name: string;
  readonly text: string;
  /** For the compiler alone: never there. */
  readonly types?: (variables: Variables) => Result;
}
