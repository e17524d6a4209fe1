import 'reflect-metadata';
import { execute, parse, type GraphQLSchema } from 'graphql';
import {
  Arg,
  Args,
  ArgsType,
  buildSchemaSync,
  Ctx,
  Field,
  Info,
  Int,
  type MiddlewareFn,
  Query,
  Resolver,
  UseMiddleware,
} from 'type-graphql';
import { beforeAll, describe, expect, test } from 'vitest';
import { buildGatewaySchema } from '../../../src/http/build-schema.js';
import { callDirectly } from '../../../src/http/direct-resolvers.js';

interface Context {
  readonly name: string;
  readonly seen: string[];
}

const noted: MiddlewareFn<Context> = ({ context }, next) => {
  context.seen.push('middleware');
  return next();
};

@ArgsType()
class Numbers {
  @Field(() => Int)
  readonly one!: number;

  @Field(() => Int, { defaultValue: 7 })
  readonly other!: number;
}

@Resolver()
class Probe {
  readonly greeting = 'Hello';

  @Query(() => String)
  greet(
    @Arg('times', () => Int) times: number,
    @Ctx() { name }: Context,
    @Info() { fieldName }: { fieldName: string },
  ): string {
    return `${this.greeting} ${name} ${times} ${fieldName}`;
  }

  @Query(() => Int)
  sum(@Args(() => Numbers) { one, other }: Numbers): number {
    return one + other;
  }

  @Query(() => String)
  @UseMiddleware(noted)
  guarded(): string {
    return 'guarded';
  }

  @Query(() => String)
  named(@Ctx('name') name: string): string {
    return name;
  }
}

let schema: GraphQLSchema;
beforeAll(() => {
  schema = buildSchemaSync({ resolvers: [Probe], validate: false });
  callDirectly(schema);
});

const run = (text: string, contextValue: Context = { name: 'Ann', seen: [] }) =>
  execute({ schema, document: parse(text), contextValue });

describe('a method that is called directly', () => {
  test('gets its arguments, the context and what is asked of its field, in their places, and its own object', () => {
    expect(run('{ greet(times: 3) }')).toEqual({ data: { greet: 'Hello Ann 3 greet' } });
  });

  test('gets all arguments as one object, defaults included', () => {
    expect(run('{ sum(one: 1) }')).toEqual({ data: { sum: 8 } });
  });
});

describe('a method is left to type-graphql', () => {
  test('when something stands in front of it', async () => {
    const context: Context = { name: 'Ann', seen: [] };
    expect(await run('{ guarded }', context)).toEqual({ data: { guarded: 'guarded' } });
    expect(context.seen).toEqual(['middleware']);
  });

  test('when it asks for what is not known here', async () => {
    expect(await run('{ named }')).toEqual({ data: { named: 'Ann' } });
  });
});

test('every query and mutation of the gateway is called directly', () => {
  const gatewaySchema = buildGatewaySchema();
  const types = [gatewaySchema.getQueryType(), gatewaySchema.getMutationType()];
  const resolvers = types.flatMap((type) =>
    Object.values(type?.getFields() ?? {}).map(({ name, resolve }) => [name, resolve?.length]),
  );
  // One that type-graphql makes takes four parameters by name.
  expect(resolvers.filter(([, parameters]) => parameters !== 0)).toEqual([]);
  expect(resolvers.length).toBeGreaterThan(8);
});
