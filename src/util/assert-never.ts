/** Ends a switch over a union: does not compile while a member is missing. */
export const assertNever = (value: never): never => {
  throw new Error(`unexpected member of a union: ${JSON.stringify(value)}`);
};
