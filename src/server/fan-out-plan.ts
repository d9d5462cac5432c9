import type { DocumentNode, GraphQLSchema } from 'graphql';
import { LRUCache } from 'lru-cache';
import { type Cohort, createCohort, type Variables } from './fan-out-cohort.ts';
import { toPayloadShape } from './fan-out-selection.ts';
import type { MaskError } from './mask-error.ts';

/** How subscriptions of one document are served: what was parsed, validated and compiled once. */
export interface Plan {
  readonly document: DocumentNode;
  readonly operationName: string | null;
  /** Those whose variables inside the payload are the same share it. The variables must have been found to fit. */
  cohortOf(variables: Variables): Cohort;
}

/** The plans of a node, by document text. */
export interface Plans {
  /**
   * Null for what is not shared: another kind of operation, a payload that needs its viewer, a document that is not
   * valid. `load` parses and validates a text that is not known; null when it is not valid.
   */
  find(request: PlanRequest, load: () => DocumentNode | null): Plan | null;
}

export interface PlanRequest {
  readonly query: string;
  readonly operationName: string | null;
}

export interface PlansOptions {
  readonly schema: GraphQLSchema;
  readonly maskError: MaskError;
}

const maxPlans = 500;
/** Of a client that writes its values into the document; nothing of it would be met again. */
const maxTextLength = 10_000;
/** Over all plans. Each keeps, beside its document, what it compiled and its last payloads. */
const maxCohorts = 500;
/** Over all plans, in characters of what the cohorts keep of their first subscribers. */
const maxCohortsSize = 8_000_000;

export const createPlans = ({ schema, maskError }: PlansOptions): Plans => {
  const plans = new LRUCache<string, { readonly plan: Plan | null }>({ max: maxPlans });
  // One that is pushed out lives on with its subscribers, and the next ones form another.
  const cohorts = new LRUCache<string, Cohort>({ max: maxCohorts, maxSize: maxCohortsSize });

  const createPlan = (key: string, document: DocumentNode, operationName: string | null): Plan | null => {
    const shape = toPayloadShape(schema, document, operationName);
    if (!shape) return null;
    return {
      document,
      operationName,
      cohortOf(variables) {
        const used = shape.variables.map((name) => (name in variables ? [variables[name]] : []));
        const cohortKey = `${JSON.stringify(used)}${key}`;
        const known = cohorts.get(cohortKey);
        if (known) return known;
        const cohort = createCohort({ schema, document, operationName }, variables, maskError);
        cohorts.set(cohortKey, cohort, { size: cohortKey.length + JSON.stringify(variables).length });
        return cohort;
      },
    };
  };

  return {
    find({ query, operationName }, load) {
      if (query.length > maxTextLength) return null;
      const key = `${operationName?.length ?? -1}:${operationName ?? ''}${query}`;
      const known = plans.get(key);
      if (known) return known.plan;
      const document = load();
      const plan = document && createPlan(key, document, operationName);
      plans.set(key, { plan });
      return plan;
    },
  };
};
