import type { SubscribePayload } from 'graphql-ws/client';

const head = /(^|})([\s,]|#.*[\r\n])*subscription\b\s*(\w*)/;
/** Definitions that may stand before it. */
const onlyFragments = /^[^{]*fragment(?![\s\S]*\b(query|mutation)\b)/;

/**
 * Whether a request is for a subscription. In doubt it is not: a mutation is never taken for one, and a document that begins
 * with fragments and has `query` or `mutation` somewhere as a word is none either.
 */
export const isSubscription = ({ query, operationName }: SubscribePayload): boolean => {
  const found = head.exec(query);
  return (
    found !== null &&
    (!operationName || operationName === found[3]) &&
    (found.index === 0 || onlyFragments.test(query))
  );
};
