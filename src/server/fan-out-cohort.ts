import { type DocumentNode, type ExecutionResult, execute, type GraphQLSchema } from 'graphql';
import { extensionsOf } from './event-extensions.ts';
import { compileEventText, type WriteEvent } from './fan-out-text.ts';
import { type MaskError, toWire } from './mask-error.ts';
import { toWireBytes, toWireText } from './wire-bytes.ts';

/** The subscribers of one document, with the same variables inside the payload: one execution of an event serves all. */
export interface Cohort {
  /** The payload of `next` for this event: executed and serialized when the first of them asks. */
  payloadOf(event: unknown): string;
}

/** A document that has been validated, as a cohort executes it. */
export interface CohortDocument {
  readonly schema: GraphQLSchema;
  readonly document: DocumentNode;
  readonly operationName: string | null;
}

export type Variables = Readonly<Record<string, unknown>>;

/** More of one moment are executed anew for each subscriber. */
const keptPayloads = 16;
/** Nor more than so many characters of them, beside the last: a cohort is kept after its subscribers. */
const maxKeptLength = 65_536;

/** In place of a viewer's context: no bytes of a cohort can depend on whose they are, whatever a resolver tries. */
const nobody: object = new Proxy(
  {},
  {
    get(_target, key) {
      throw new Error(`a field of a shared payload reads context.${String(key)}: mark it with needsContext`);
    },
  },
);

const isPromise = (value: unknown): value is Promise<unknown> =>
  typeof value === 'object' && value !== null && 'then' in value;

const atOnce = (result: ExecutionResult | Promise<ExecutionResult>): ExecutionResult => {
  if (isPromise(result)) {
    result.catch(() => {});
    throw new Error('a field of a shared payload is asynchronous: mark it with needsContext');
  }
  return result;
};

/** Executes the document for an event as graphql-js does. */
const createInterpret =
  ({ schema, document, operationName }: CohortDocument, variables: Variables) =>
  (event: unknown): ExecutionResult =>
    atOnce(
      execute({
        schema,
        document,
        operationName,
        variableValues: variables,
        contextValue: nobody,
        rootValue: event,
      }),
    );

/** Null: it cannot, and graphql-js must. */
const createWrite = (source: CohortDocument, variables: Variables): ((event: unknown) => string | null) => {
  let write: WriteEvent | null | undefined;
  return (event) => {
    try {
      if (write === undefined) {
        // Once, also when that fails.
        write = null;
        write = compileEventText(source, variables, nobody);
      }
      return write ? write(event) : null;
    } catch {
      // An event that breaks is rare, and only graphql-js says in its own form where and why.
      return null;
    }
  };
};

/** The document must have no field that needs a context, and the variables must fit it. */
export const createCohort = (source: CohortDocument, variables: Variables, maskError: MaskError): Cohort => {
  const interpret = createInterpret(source, variables);
  const write = createWrite(source, variables);
  /**
   * A feed passes an event to all its subscribers before the next one; but who comes back gets what was missed one after the
   * other, and so does the next. A ring: the place of the oldest is the next to be taken.
   */
  const events: unknown[] = [];
  const payloads: string[] = [];
  let oldest = 0;
  let keptLength = 0;

  const keep = (event: unknown, payload: string): void => {
    if (keptLength + payload.length > maxKeptLength) {
      events.length = 0;
      payloads.length = 0;
      oldest = 0;
      keptLength = 0;
    }
    keptLength += payload.length - (payloads[oldest]?.length ?? 0);
    events[oldest] = event;
    payloads[oldest] = payload;
    oldest = (oldest + 1) % keptPayloads;
  };

  const toPayload = (event: unknown): string => {
    const extensions = extensionsOf(event);
    const text = write(event);
    if (text !== null) {
      const rest = extensions ? `,"extensions":${JSON.stringify(extensions)}}` : '}';
      return toWireText(`{"data":${text}${rest}`);
    }
    const { errors, data } = interpret(event);
    return toWireBytes({
      ...(errors && { errors: errors.map((error) => toWire(maskError(error)).toJSON()) }),
      ...(data !== undefined && { data }),
      ...(extensions && { extensions }),
    });
  };

  return {
    payloadOf(event) {
      const at = events.indexOf(event);
      const known = at < 0 ? undefined : payloads[at];
      if (known !== undefined) return known;
      const payload = toPayload(event);
      keep(event, payload);
      return payload;
    },
  };
};
