/**
 * GraphiQL, all of it from the package, loaded when it is asked for: the page alone is 9 MB.
 *
 * What stands in its *Headers* goes out with HTTP only. Its subscriptions run over WebSocket, where a token is part of
 * `connectionParams`; the page's own code merges those from an operation's extensions, but never puts them there.
 */
const withoutToken = /extensions:\{headers:(\w+)\?\.headers\}/;
const withToken = 'extensions:{headers:$1?.headers,connectionParams:$1?.headers}';

export const renderGraphiqlPage = async (options: object | undefined): Promise<string> => {
  const { renderGraphiQL } = await import('@graphql-yoga/render-graphiql');
  return renderGraphiQL(options).replace(withoutToken, withToken);
};
