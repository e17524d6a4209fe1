import { Lexer, TokenKind, type Source, type Token } from 'graphql';
import { limitExceeded } from './limit-exceeded.js';
import type { LimitName, Limits } from './limits.js';

/**
 * Reads a document before the parser does, for what would cost the parser its stack or validation its time. Needs no
 * memory of its own, and stops at the first excess.
 * @throws GraphQLError with LIMIT_EXCEEDED
 */
export function checkTokens(source: Source, limits: Limits): void {
  const counts = { tokens: 0, nesting: 0, directives: 0, fragmentSpreads: 0 };
  const count = (name: keyof typeof counts, token: Token): void => {
    counts[name] += 1;
    const max = limits[name];
    if (counts[name] <= max) return;
    throw limitExceeded(name, texts[name](max), { max, at: { source, positions: [token.start] } });
  };

  for (const token of tokensOf(source)) {
    count('tokens', token);
    const counted = countedBy.get(token.kind);
    if (counted !== undefined) count(counted, token);
    else if (closing.has(token.kind)) counts.nesting -= 1;
  }
}

/** Up to the end, or the first character that belongs to no token: of that the parser tells. */
function* tokensOf(source: Source): Generator<Token> {
  const lexer = new Lexer(source);
  for (;;) {
    let token: Token;
    try {
      token = lexer.advance();
    } catch {
      return;
    }
    if (token.kind === TokenKind.EOF) return;
    yield token;
  }
}

type Counted = Extract<LimitName, 'tokens' | 'nesting' | 'directives' | 'fragmentSpreads'>;

const countedBy: ReadonlyMap<TokenKind, Counted> = new Map([
  [TokenKind.BRACE_L, 'nesting'],
  [TokenKind.BRACKET_L, 'nesting'],
  [TokenKind.PAREN_L, 'nesting'],
  [TokenKind.AT, 'directives'],
  [TokenKind.SPREAD, 'fragmentSpreads'],
]);

const closing: ReadonlySet<TokenKind> = new Set([TokenKind.BRACE_R, TokenKind.BRACKET_R, TokenKind.PAREN_R]);

const texts: Readonly<Record<Counted, (max: number) => string>> = {
  tokens: (max) => `A document may have ${max} tokens at most`,
  nesting: (max) => `Brackets may be nested ${max} deep at most`,
  directives: (max) => `A document may have ${max} directives at most`,
  fragmentSpreads: (max) => `A document may spread ${max} fragments at most`,
};
