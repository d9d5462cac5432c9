import type { AnyVariables, Client, CombinedError, TypedDocumentNode } from '@urql/core';

export interface SubscribeSink<Data> {
  next(data: Data): void;
  /** The subscription has ended; nothing follows. */
  ended(error: CombinedError | undefined): void;
}

/**
 * A subscription whose every event comes once. urql repeats the last data beside an error and at the end, so only data
 * that is another object than before is an event.
 */
export const subscribe = <Data, Variables extends AnyVariables>(
  client: Client,
  document: TypedDocumentNode<Data, Variables>,
  variables: Variables,
  sink: SubscribeSink<Data>,
): (() => void) => {
  let last: Data | undefined;
  let isOver = false;
  const { unsubscribe } = client.subscription(document, variables).subscribe((result) => {
    if (isOver) return;
    if (result.data !== undefined && result.data !== null && result.data !== last) {
      last = result.data;
      sink.next(result.data);
    }
    if (!result.error && result.hasNext) return;
    isOver = true;
    sink.ended(result.error);
  });
  return () => {
    isOver = true;
    unsubscribe();
  };
};
