import { type ExecutionResult, execute, parse, subscribe, validate } from 'graphql';
import { EdAgentError } from '../../../src/domain/errors.ts';
import type { Context } from '../../../src/schema/context.ts';
import { createSchema } from '../../../src/schema/index.ts';
import { createContext, createFakeServices } from './fake-services.ts';

const schema = createSchema();

interface RunOptions {
  readonly overrides?: Parameters<typeof createFakeServices>[0];
  readonly context?: Partial<Context>;
  readonly variables?: Record<string, unknown>;
}

const prepare = (source: string, { overrides, context, variables = {} }: RunOptions) => {
  const document = parse(source);
  const problems = validate(schema, document);
  if (problems.length > 0) throw new AggregateError(problems, problems.map(String).join('\n'));
  const fakes = createFakeServices(overrides);
  const contextValue = createContext(fakes.services, context);
  return { fakes, args: { schema, document, contextValue, variableValues: variables } };
};

/** Validates and executes a query or mutation on fake services. */
export const run = async (source: string, options: RunOptions = {}) => {
  const { fakes, args } = prepare(source, options);
  const result = await execute(args);
  return { ...fakes, result, data: result.data };
};

/** Validates and begins a subscription on fake services. */
export const runSubscription = async (source: string, options: RunOptions = {}) => {
  const { fakes, args } = prepare(source, options);
  return { ...fakes, result: await subscribe(args) };
};

/** The codes of an execution's errors, in order; `unknown` for what is no refusal. */
export const codesOf = (result: object): string[] =>
  ((result as ExecutionResult).errors ?? []).map(({ originalError, extensions }) =>
    originalError instanceof EdAgentError ? originalError.code : String(extensions.code ?? 'unknown'),
  );
